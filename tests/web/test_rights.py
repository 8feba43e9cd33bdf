"""Agencies, accounts, grants and keys over HTTP: what is made is listed, and works at once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from starlette.testclient import TestClient

from tests.web import walk
from tests.web.world import COMMUNE, FOREIGN, World

#: Agencies of the world by id, and an account of each that is not the administrator's.
CENTRE, OWN, OTHER = 1, 2, 3
DAY = 86_400_000
BASIS = "05/GUQ-UBND"
NOBODY = 99


def post(
    client: TestClient, world: World, path: str, who: str = "administrator", **body: Any
) -> Any:
    return client.post(f"/v1{path}", json=body, headers=world.headers(who))


def items(client: TestClient, world: World, path: str, who: str = "administrator") -> list[Any]:
    answer = client.get(f"/v1{path}", headers=world.headers(who))
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["items"]
    return found


def until(world: World, days: int) -> int:
    return world.runtime.now() + days * DAY


def given(client: TestClient, world: World, who: str, role: str, **more: Any) -> Any:
    body = {"account": world.accounts[who], "agency": OWN, "role": role, **more}
    return post(client, world, "/grants", **body)


def may_draft(client: TestClient, headers: dict[str, str]) -> bool:
    """Whether a key may write a bulletin, which takes an author."""
    answer = client.post(
        "/v1/bulletins?channels=sms",
        content=walk.EVACUATION,
        headers={**headers, **walk.TOML},
    )
    assert answer.status_code in (201, 403), answer.text
    return answer.status_code == 201


# --- what is made


def test_an_agency_is_added_below_and_seen_from_above_only(
    client: TestClient, world: World
) -> None:
    body = {"parent": OWN, "name": "Trường THCS Mẫu", "short_name": "THCS Mẫu", "area": COMMUNE}
    made = post(client, world, "/agencies", **body)
    assert (made.status_code, made.json()["path"]) == (201, f"/{CENTRE}/{OWN}/4/")
    assert [each["id"] for each in items(client, world, "/agencies")] == [OWN, 4]
    assert [each["id"] for each in items(client, world, "/agencies", "centre")] == [1, 2, 3, 4]
    assert [each["id"] for each in items(client, world, "/agencies", "stranger")] == [OTHER]
    assert post(client, world, "/agencies", **body).json()["code"] == "agency_exists"


def test_an_account_is_opened_given_a_key_and_closed_with_it(
    client: TestClient, world: World
) -> None:
    person = {"agency": OWN, "name": "Phạm Thị Mẫu", "office": "Chuyên viên", "roles": ["author"]}
    number = post(client, world, "/accounts", **person).json()["id"]
    made = post(client, world, "/keys", account=number, roles=["author"]).json()
    assert (made["mode"], made["agency"], made["key"][:16]) == ("test", OWN, made["prefix"])
    assert made["key"] not in client.get("/v1/keys", headers=world.headers("administrator")).text
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert may_draft(client, headers)
    closed = post(client, world, f"/accounts/{number}/close").json()
    assert closed["closed_at"] is not None
    assert client.get("/v1/agencies", headers=headers).status_code == 401
    assert [each["holds"] for each in items(client, world, f"/grants?account={number}")] == [False]
    again = post(client, world, f"/accounts/{number}/close")
    assert (again.status_code, again.json()["code"]) == (409, "account_closed")


def test_a_key_that_comes_back_after_its_end_leaves_an_event(
    client: TestClient, world: World
) -> None:
    made = post(client, world, "/keys", account=world.accounts["author"]).json()
    assert post(client, world, f"/keys/{made['id']}/revoke").json()["revoked_at"] is not None
    headers = {"Authorization": f"Bearer {made['key']}"}
    assert client.get("/v1/agencies", headers=headers).status_code == 401
    with world.runtime.ledger.read() as conn:
        words = "SELECT count(*) FROM act WHERE name = 'refuse' AND subject = :key"
        assert conn.scalar(text(words), {"key": f"key:{made['prefix']}"}) == 1


def test_a_grant_opens_at_once_and_no_longer_when_it_is_revoked(
    client: TestClient, world: World
) -> None:
    headers = world.headers("operator")
    assert not may_draft(client, headers)
    made = given(client, world, "operator", "author", until=until(world, 30), basis=BASIS).json()
    assert (made["holds"], made["basis"], made["delegated_by"]) == (True, BASIS, None)
    assert may_draft(client, headers)
    revoked = post(client, world, f"/grants/{made['id']}/revoke").json()
    assert (revoked["holds"], revoked["revoked_at"] is not None) == (False, True)
    assert not may_draft(client, headers)


def test_a_role_is_lent_by_its_owner_and_taken_back_by_them(
    client: TestClient, world: World
) -> None:
    loan = {"account": world.accounts["operator"], "role": "author", "basis": BASIS}
    loan["until"] = until(world, 14)
    lent = post(client, world, "/grants/delegations", "author", **loan).json()
    assert (lent["delegated_by"], lent["agency"]) == (world.accounts["author"], OWN)
    assert may_draft(client, world.headers("operator"))
    assert post(client, world, f"/grants/{lent['id']}/revoke", "author").status_code == 200
    assert not may_draft(client, world.headers("operator"))


def test_lists_go_on_where_their_page_ended(client: TestClient, world: World) -> None:
    for path in ("/accounts", "/grants", "/keys"):
        whole = [each["id"] for each in items(client, world, path)]
        first = client.get(f"/v1{path}?limit=2", headers=world.headers("administrator")).json()
        rest = items(client, world, f"{path}?limit=200&after={first['next']}")
        assert [each["id"] for each in first["items"] + rest] == whole
        assert len(whole) == 5, "those of the commune, and nobody else's"


# --- what is refused


@pytest.mark.parametrize(
    ("who", "agency", "role", "status", "code"),
    [
        ("author", OWN, "operator", 201, ""),
        ("administrator", OWN, "approver", 403, "own_rights"),
        ("author", CENTRE, "operator", 404, "no_agency"),
        ("author", OTHER, "operator", 404, "no_agency"),
        ("stranger", OWN, "author", 404, "no_account"),
        ("centre", OWN, "author", 404, "no_account"),
        ("author", OWN, "king", 422, "unknown_role"),
        ("author", OWN, "author", 409, "grant_exists"),
    ],
)
def test_who_may_be_given_what(
    client: TestClient, world: World, who: str, agency: int, role: str, status: int, code: str
) -> None:
    answer = given(client, world, who, role, agency=agency)
    assert (answer.status_code, answer.json().get("code", "")) == (status, code)


@pytest.mark.parametrize(
    ("to", "role", "days", "basis", "status", "code"),
    [
        ("operator", "operator", 14, BASIS, 403, "not_own_role"),
        ("operator", "author", 184, BASIS, 422, "endless_loan"),
        ("operator", "author", 14, " ", 422, "no_basis"),
        ("operator", "author", 14, "", 422, "invalid"),
        ("author", "author", 14, BASIS, 403, "own_rights"),
        ("stranger", "author", 14, BASIS, 404, "no_account"),
    ],
)
def test_what_an_author_may_not_lend(
    client: TestClient, world: World, to: str, role: str, days: int, basis: str, status: int,
    code: str,
) -> None:  # fmt: skip
    body = {"account": world.accounts[to], "role": role, "until": until(world, days)}
    answer = post(client, world, "/grants/delegations", "author", **body, basis=basis)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


SCHOOL = {"parent": OWN, "name": "Trường Mẫu", "short_name": "Mẫu", "area": COMMUNE}
PERSON = {"agency": OWN, "name": "Phạm Thị Mẫu", "office": "Chuyên viên", "roles": []}
RIGHT = {"account": 3, "agency": OWN, "role": "author"}

#: What only administrators do, by path and body.
ACTS = [
    ("/agencies", SCHOOL),
    ("/accounts", PERSON),
    ("/accounts/1/close", {}),
    ("/grants", RIGHT),
    ("/grants/1/revoke", {}),
    ("/keys", {"account": 3}),
    ("/keys/1/revoke", {}),
]


@pytest.mark.parametrize("who", ["approver", "operator", "auditor"])
@pytest.mark.parametrize(("path", "body"), ACTS)
def test_it_takes_an_administrator(
    client: TestClient, world: World, who: str, path: str, body: dict[str, Any]
) -> None:
    answer = post(client, world, path, who, **body)
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/agencies", {**SCHOOL, "parent": OTHER, "area": FOREIGN}),
        ("/agencies", {**SCHOOL, "parent": CENTRE}),
        ("/accounts", {**PERSON, "agency": OTHER}),
        ("/accounts/6/close", {}),
        ("/accounts/5/close", {}),
        ("/grants/6/revoke", {}),
        ("/keys", {"account": 6}),
        ("/keys", {"account": 1, "agency": OTHER}),
        ("/keys/6/revoke", {}),
        (f"/keys/{NOBODY}/revoke", {}),
    ],
)
def test_what_is_a_neighbour_s_or_above_does_not_exist(
    client: TestClient, world: World, path: str, change: dict[str, Any]
) -> None:
    answer = post(client, world, path, **change)
    assert answer.status_code == 404, answer.text


@pytest.mark.parametrize("path", ["agencies", "accounts", "grants"])
@pytest.mark.parametrize("who", ["administrator", "stranger"])
def test_a_neighbour_s_row_is_as_unknown_as_none(
    client: TestClient, world: World, path: str, who: str
) -> None:
    theirs = {"administrator": {"agencies": OTHER}, "stranger": {"agencies": OWN}}
    number = theirs[who].get(path, 6 if who == "administrator" else 1)
    headers = world.headers(who)
    known, unknown = (client.get(f"/v1/{path}/{each}", headers=headers) for each in (number, 9999))
    assert (known.status_code, known.json()) == (404, unknown.json())


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"roles": ["approver"]}, 422, "role_not_held"),
        ({"roles": []}, 422, "role_not_held"),
        ({"until": 1}, 422, "bad_term"),
        ({"mode": "live"}, 409, "demo_database"),
        ({"mode": "loud"}, 422, "invalid"),
    ],
)
def test_a_key_that_may_not_be_is_not_made(
    client: TestClient, world: World, change: dict[str, Any], status: int, code: str
) -> None:
    answer = post(client, world, "/keys", account=world.accounts["author"], **change)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert len(items(client, world, "/keys")) == 5


def test_nobody_closes_their_own_account(client: TestClient, world: World) -> None:
    answer = post(client, world, f"/accounts/{world.accounts['administrator']}/close")
    assert (answer.status_code, answer.json()["code"]) == (403, "own_rights")


def test_anybody_shuts_out_a_key_of_their_own(client: TestClient, world: World) -> None:
    made = post(client, world, "/keys", account=world.accounts["author"]).json()
    assert post(client, world, f"/keys/{made['id']}/revoke", "author").status_code == 200
