"""What providers report: signed words are kept and folded, others change nothing."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlencode

from sqlalchemy import select
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from dispatcher.ledger import sealed
from dispatcher.ledger.tables import act, receipt
from dispatcher.sim.credentials import TWILIO_AUTH_TOKEN
from tests.web import walk
from tests.web.world import World, callback_url

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def post(client: TestClient, url: str, fields: dict[str, str], token: str = TWILIO_AUTH_TOKEN):  # type: ignore[no-untyped-def]
    """Post as Twilio does: signed over the public URL and the form."""
    signature = RequestValidator(token).compute_signature(url, fields)
    return client.post(
        url, content=urlencode(fields), headers={**FORM, "X-Twilio-Signature": signature}
    )


def first_sms(client: TestClient, world: World) -> tuple[str, str]:
    """(path, reference) of the first message of a new dispatch."""
    number = walk.started(client, world)
    base = f"/v1/dispatches/{number}/deliveries"
    items = client.get(f"{base}?channel=sms", headers=world.headers("auditor")).json()["items"]
    return f"{base}/{items[0]['id']}", f"{number}.{items[0]['id']}.{items[0]['attempt']}"


def test_a_signed_word_reaches_the_delivery(client: TestClient, world: World) -> None:
    path, ref = first_sms(client, world)
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    assert post(client, f"{callback_url(world.route)}?ref={ref}", fields).status_code == 200
    world.work()
    full = client.get(path, headers=world.headers("auditor")).json()
    assert (full["status"], full["evidence"]) == ("delivered", "carrier")
    assert [each["status"] for each in full["receipts"]] == ["delivered"]


def test_an_unsigned_word_is_refused_counted_and_forgotten(
    client: TestClient, world: World
) -> None:
    _, ref = first_sms(client, world)
    fields = {"MessageSid": "SM1", "MessageStatus": "delivered"}
    url = f"{callback_url(world.route)}?ref={ref}"
    assert post(client, url, fields, token="not-theirs").status_code == 401
    assert client.app.state.refusals.read() == {world.route: 1}
    with world.runtime.ledger.read() as conn:
        noted = select(act.c.subject).where(act.c.name == "refuse")
        assert list(conn.scalars(noted)) == [f"route:{world.route}"]
    assert kept(world) == []


def test_what_cannot_be_read_is_kept_for_a_person(client: TestClient, world: World) -> None:
    url = callback_url(world.route)
    for word in ("la-lung", "ky-quac", "ky-quac"):
        assert post(client, url, {"MessageSid": "SM1", "MessageStatus": word}).status_code == 200
    assert [row.code for row in kept(world)] == ["malformed", "malformed"]
    row = kept(world)[0]
    raw = world.runtime.ledger.vault.open(sealed.receipt(row.digest), row.sealed)
    assert b"la-lung" in raw


def test_a_reply_of_one_confirms_the_message(client: TestClient, world: World) -> None:
    path, _ = first_sms(client, world)
    url = f"{callback_url(world.route)}/inbound"
    answers = [post(client, url, {"From": f"+8491234000{n}", "Body": "1"}) for n in range(3)]
    assert [each.status_code for each in answers] == [200, 200, 200]
    assert answers[0].text.endswith("<Response/>")
    world.work()
    full = client.get(path, headers=world.headers("auditor")).json()
    assert (full["status"], full["evidence"]) == ("seen", "person")


def test_other_routes_do_not_exist(client: TestClient, world: World) -> None:
    assert post(client, callback_url(99), {"MessageStatus": "sent"}).status_code == 404
    assert client.post("/callbacks/1/inbound").status_code == 404


def test_a_callback_has_a_limit(client: TestClient, world: World) -> None:
    answer = client.post(callback_url(world.route), content=b"x" * (256 * 1024 + 1))
    assert answer.status_code == 413


def kept(world: World):  # type: ignore[no-untyped-def]
    with world.runtime.ledger.read() as conn:
        return conn.execute(select(receipt).order_by(receipt.c.id)).all()


def test_who_hangs_up_in_the_middle_is_no_defect(client: TestClient, world: World) -> None:
    scope = {
        "type": "http",
        "method": "POST",
        "path": f"/callbacks/{world.route}",
        "query_string": b"",
        "headers": [(b"host", b"testserver")],
    }
    answers: list[int] = []

    async def hung_up() -> dict[str, str]:
        return {"type": "http.disconnect"}

    async def keep(message: dict[str, Any]) -> None:
        answers.append(message.get("status", 0))

    asyncio.run(client.app(scope, hung_up, keep))
    assert answers[0] == 400
