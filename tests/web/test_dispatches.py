"""A dispatch through the API: what it shows, how it is stopped, and that nothing starts twice."""

from __future__ import annotations

import hashlib

import pytest
from starlette.testclient import TestClient

from dispatcher.ledger import desk, idempotency
from tests.web import walk
from tests.web.world import World


def test_a_dispatch_shows_where_it_stands_per_channel(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    shown = client.get(f"/v1/dispatches/{number}", headers=world.headers("auditor")).json()
    assert shown["title"].startswith("Sơ tán các hộ dân")
    assert {(each["channel"], each["unit"], each["count"]) for each in shown["counts"]} == {
        ("sms", "person", 3),
        ("loudspeaker", "cluster", 1),
    }
    (sms,) = (each for each in shown["counts"] if each["channel"] == "sms")
    assert (sms["status"], sms["evidence"]) == ("accepted", {"provider": 3})
    assert shown["ledger"]["entries"] > 0


def test_a_delivery_tells_its_history(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    base = f"/v1/dispatches/{number}/deliveries"
    headers = world.headers("auditor")
    listed = client.get(f"{base}?channel=sms&status=accepted&limit=2", headers=headers).json()
    assert len(listed["items"]) == 2
    rest = client.get(f"{base}?channel=sms&after={listed['next']}", headers=headers).json()
    assert len(rest["items"]) == 1
    full = client.get(f"{base}/{listed['items'][0]['id']}", headers=headers).json()
    assert "*" in full["target"] or "•" in full["target"] or "x" in full["target"]
    assert [each["n"] for each in full["history"]] == list(range(len(full["history"])))
    assert full["history"][-1]["after"] == "accepted"


@pytest.mark.parametrize(
    ("acts", "state"),
    [(["pause"], "paused"), (["pause", "resume"], "running"), (["cancel"], "cancelled")],
)
def test_controls_change_the_state(
    client: TestClient, world: World, acts: list[str], state: str
) -> None:
    number = walk.started(client, world)
    for act in acts:
        answer = client.post(
            f"/v1/dispatches/{number}/{act}",
            json={"why": "kiểm tra lại"},
            headers=world.headers("operator"),
        )
    assert (answer.status_code, answer.json()["state"]) == (200, state)


def test_what_cannot_be_done_now_is_a_conflict(client: TestClient, world: World) -> None:
    number = walk.started(client, world)
    answer = client.post(
        f"/v1/dispatches/{number}/resume", json={}, headers=world.headers("operator")
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "wrong_state")


def start(client: TestClient, world: World, key: str | None, approval: int):  # type: ignore[no-untyped-def]
    headers = world.headers("operator") | ({"Idempotency-Key": key} if key else {})
    return client.post("/v1/dispatches", json={"approval": approval}, headers=headers)


def test_starting_without_a_key_is_refused(client: TestClient, world: World) -> None:
    answer = start(client, world, None, 1)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_missing")


def test_a_repeat_gets_the_same_answer(client: TestClient, world: World) -> None:
    approval = walk.approved(client, world)
    first, second = (start(client, world, "mot", approval) for _ in range(2))
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first.headers
    assert second.headers["Idempotent-Replayed"] == "true"


def test_a_key_names_one_request_only(client: TestClient, world: World) -> None:
    one, other = (walk.approved(client, world) for _ in range(2))
    assert start(client, world, "mot", one).status_code == 201
    answer = start(client, world, "mot", other)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_reused")


def test_a_request_at_work_is_not_made_again(client: TestClient, world: World) -> None:
    approval = walk.approved(client, world)
    ledger = world.runtime.ledger
    body = f'POST /v1/dispatches {{"approval":{approval}}}'.encode()
    asked = idempotency.Request(world.accounts["operator"], "mot", hashlib.sha256(body).digest())
    with ledger.begin() as conn:
        idempotency.open_request(conn, asked, desk.now(conn))
    answer = start(client, world, "mot", approval)
    assert (answer.status_code, answer.json()["code"]) == (409, "in_progress")


def test_a_request_that_failed_leaves_its_key_free(client: TestClient, world: World) -> None:
    version = walk.written(client, world)["version"]
    proposal = {
        "version": version,
        "audience": {"areas": ["14464"]},
        "channels": ["sms"],
        "mode": "test",
    }
    asked = client.post("/v1/approvals", json=proposal, headers=world.headers("author")).json()
    assert start(client, world, "mot", asked["id"]).json()["code"] == "not_approved"
    client.post(
        f"/v1/approvals/{asked['id']}/decision",
        json={"decision": "approved"},
        headers=world.headers("approver"),
    )
    assert start(client, world, "mot", asked["id"]).status_code == 201
