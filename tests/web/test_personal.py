"""Personal data at the doors: masked, told in counts, shown by acts, not to be stored."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from dispatcher.domain.discretion import told, told_count
from dispatcher.domain.status import Evidence, Reason, Standing, Status
from dispatcher.ledger import desk
from dispatcher.ledger.tables import act, contact, delivery
from dispatcher.ledger.transition import Move, Place, transition
from tests.web import walk
from tests.web.world import World

WHY = "Xác minh số liên hệ theo đề nghị của thôn"
PHONE = "0912340001"
ASKED = {"kind": "phone", "value": PHONE, "why": WHY}


def post(client: TestClient, world: World, who: str, path: str, **body: Any) -> Any:
    return client.post(f"/v1{path}", json=body, headers=world.headers(who))


def listed(client: TestClient, world: World, url: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = client.get(url, headers=world.headers("auditor")).json()["items"]
    return items


def people_counted(client: TestClient, world: World, number: int) -> dict[str, int]:
    shown = client.get(f"/v1/dispatches/{number}", headers=world.headers("auditor")).json()
    return {each["status"]: each["count"] for each in shown["counts"] if each["unit"] == "person"}


def acts(world: World, name: str) -> int:
    with world.runtime.ledger.read() as conn:
        return len(conn.scalars(select(act.c.page_id).where(act.c.name == name)).all())


def seen_by(world: World, *people: int) -> None:
    """A word of the provider about their text messages."""
    with world.runtime.ledger.begin() as conn:
        query = select(delivery.c.part, delivery.c.dispatch_id, delivery.c.id)
        mine = delivery.c.contact_id.in_(people) & (delivery.c.channel == "sms")
        rows = conn.execute(query.where(mine)).all()
        now = desk.now(conn)
        standing = Standing(1, Status.SEEN, Reason.NONE, Evidence.PERSON, now)
        place = Place(rows[0].dispatch_id, rows[0].part)
        transition(conn, place, [Move(row.id, standing) for row in rows], actor=0, now=now)


# -- masked


def test_contacts_are_listed_masked_but_for_who_is_responsible(
    client: TestClient, world: World
) -> None:
    items = client.get("/v1/contacts", headers=world.headers("operator")).json()["items"]
    shown = [(each["name"], each["phone"], each["lang"]) for each in items]
    assert shown == [
        ("Đinh Thị Mẫu 0", "+84•••000", "vi"),
        ("Đ. T. M. 1.", "+84•••001", None),
        ("Đ. T. M. 2.", "+84•••002", None),
    ]


def test_that_a_citizen_has_seen_it_is_told_of_nobody_and_found_by_nothing(
    client: TestClient, world: World
) -> None:
    number = walk.started(client, world)
    seen_by(world, 1, 2)
    headers = world.headers("auditor")
    base = f"/v1/dispatches/{number}/deliveries?channel=sms"
    items = listed(client, world, base)
    assert [(each["status"], each["lang"]) for each in items] == [
        ("seen", "vi"),
        ("delivered", None),
        ("accepted", None),
    ]
    found = {
        word: [each["id"] for each in listed(client, world, f"{base}&status={word}")]
        for word in ("seen", "delivered")
    }
    assert found == {"seen": [items[0]["id"]], "delivered": [items[1]["id"]]}
    full = client.get(f"/v1/dispatches/{number}/deliveries/{items[1]['id']}", headers=headers)
    assert "seen" not in full.text


def test_few_who_have_seen_it_are_counted_as_reached(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    seen_by(world, 1, 2)
    assert people_counted(client, world, number) == {"delivered": 2, "accepted": 1}


def test_that_responsible_people_confirmed_is_told(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    seen_by(world, 1)
    shown = client.get(f"/v1/dispatches/{number}", headers=world.headers("auditor")).json()
    counted = {
        each["status"]: each["count"] for each in shown["counts"] if each["unit"] == "person"
    }
    assert counted == {"seen": 1, "accepted": 2}


@pytest.mark.parametrize(
    ("delivered", "seen", "citizens", "shown"),
    [(7, 3, 0, (7, 3)), (7, 3, 1, (10, 0)), (7, 4, 4, (11, 0)), (7, 5, 5, (7, 5))],
)
def test_a_group_hides_who_is_in_it_or_is_not_shown(
    delivered: int, seen: int, citizens: int, shown: tuple[int, int]
) -> None:
    assert told_count(delivered, seen, citizens) == shown


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("evidence", Evidence)
def test_no_citizen_is_told_to_have_seen_anything(status: Status, evidence: Evidence) -> None:
    shown, word = told(status, evidence)
    assert shown is not Status.SEEN
    assert word <= Evidence.CARRIER


# -- shown


def test_a_value_is_shown_and_not_to_be_stored(client: TestClient, world: World) -> None:
    answer = post(client, world, "operator", "/contacts/2/reveal", field="phone", why=WHY)
    assert (answer.status_code, answer.json()) == (200, {"value": "+84912340001"})
    assert answer.headers["cache-control"] == "no-store"
    assert acts(world, "reveal") == 1


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("author", 403), ("auditor", 403)])
def test_who_may_not_see_it_is_told_so_or_nothing(
    client: TestClient, world: World, who: str, status: int
) -> None:
    answer = post(client, world, who, "/contacts/2/reveal", field="phone", why=WHY)
    assert answer.status_code == status
    assert acts(world, "reveal") == 0


def test_a_refused_reason_is_not_repeated(client: TestClient, world: World) -> None:
    why = "Gọi cho số 0912345678 để hỏi"
    answer = post(client, world, "operator", "/contacts/2/reveal", field="phone", why=why)
    assert answer.status_code == 422
    assert "0912345678" not in answer.text


# -- refused, reported, erased


def test_a_wish_is_noted_once(client: TestClient, world: World) -> None:
    wish = {"kind": "phone", "value": PHONE, "how": "letter"}
    answers = [post(client, world, "operator", "/personal/opt-outs", **wish) for _ in range(2)]
    assert [answer.json() for answer in answers] == [{"new": True}, {"new": False}]


def test_a_person_is_reported_in_both_forms(client: TestClient, world: World) -> None:
    walk.started(client, world)
    made = post(client, world, "administrator", "/personal/reports", **ASKED)
    assert made.headers["cache-control"] == "no-store"
    assert [each["name"] for each in made.json()["records"]] == ["Đinh Thị Mẫu 1"]
    assert [each["channel"] for each in made.json()["sent"]] == ["sms"]
    page = post(client, world, "administrator", "/personal/reports/page", **ASKED)
    assert page.headers["content-type"].startswith("text/html")
    assert "Đinh Thị Mẫu 1" in page.text
    assert acts(world, "export") == 2


def test_a_person_is_erased_by_an_administrator_alone(client: TestClient, world: World) -> None:
    asked = {**ASKED, "on": "2026-11-19"}
    assert post(client, world, "operator", "/personal/erasures", **asked).status_code == 403
    done = post(client, world, "administrator", "/personal/erasures", **asked)
    assert (done.json()["contacts"], len(done.json()["addresses"])) == ([2], 1)
    with world.runtime.ledger.read() as conn:
        assert conn.scalar(select(contact.c.name).where(contact.c.id == 2)) == b""


# -- a list


def test_a_list_is_asked_for_agreed_to_and_taken_once(client: TestClient, world: World) -> None:
    number = post(client, world, "operator", "/personal/exports", why=WHY).json()["id"]
    path = f"/personal/exports/{number}"
    assert post(client, world, "operator", f"{path}/file").status_code == 409
    said = post(client, world, "approver", f"{path}/decision", decision="approved")
    assert said.status_code == 204
    file = post(client, world, "operator", f"{path}/file")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(rows) == 3 + 3
    assert (file.headers["cache-control"], file.headers["content-type"]) == (
        "no-store",
        "text/csv; charset=utf-8",
    )
    assert post(client, world, "operator", f"{path}/file").status_code == 409
    (shown,) = listed(client, world, "/v1/personal/exports")
    assert (shown["state"], shown["decided_by"]) == ("used", "Cán bộ approver")


def test_a_stranger_knows_of_no_request(client: TestClient, world: World) -> None:
    number = post(client, world, "operator", "/personal/exports", why=WHY).json()["id"]
    path = f"/personal/exports/{number}/decision"
    assert post(client, world, "stranger", path, decision="approved").status_code == 404
    shown = client.get("/v1/personal/exports", headers=world.headers("stranger")).json()
    assert shown["items"] == []


# -- borders


def test_every_route_says_what_it_sends_where(client: TestClient, world: World) -> None:
    told_of = [
        (each["provider"], each["sends"], each["country"], each["abroad"])
        for each in listed(client, world, "/v1/personal/borders")
    ]
    assert told_of == [("loa1", [], "VN", False), ("twilio", ["phone", "text"], "US", True)]
