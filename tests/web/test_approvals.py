"""Approvals over HTTP: lists, editing and approving, and nothing for strangers."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.web import walk
from tests.web.world import COMMUNE, World


@pytest.fixture
def asked(client: TestClient, world: World) -> int:
    """A request that waits."""
    proposal = {
        "version": walk.written(client, world)["version"],
        "audience": {"areas": [COMMUNE]},
        "channels": ["sms"],
        "mode": "test",
    }
    answer = client.post("/v1/approvals", json=proposal, headers=world.headers("author"))
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def listed(client: TestClient, world: World, who: str, query: str) -> list[int]:
    answer = client.get(f"/v1/approvals?{query}", headers=world.headers(who))
    return [each["id"] for each in answer.json()["items"]]


def test_each_finds_what_is_theirs(client: TestClient, world: World, asked: int) -> None:
    assert listed(client, world, "approver", "whose=waiting") == [asked]
    assert listed(client, world, "author", "whose=waiting") == []
    assert listed(client, world, "author", "whose=mine") == [asked]
    assert listed(client, world, "author", "state=approved") == []
    assert listed(client, world, "author", "unconfirmed=true") == []
    assert listed(client, world, "stranger", "state=submitted") == []


def test_an_edit_is_approved_once_and_its_drafter_reads_it(
    client: TestClient, world: World, asked: int
) -> None:
    headers = {**world.headers("approver"), "Idempotency-Key": "sua-1"}
    path, words = f"/v1/approvals/{asked}/revision", {"title": {"vi": "Sơ tán gấp"}}
    first, again = (client.post(path, json=words, headers=headers) for _ in range(2))
    assert (first.status_code, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert first.json() == again.json()
    number = first.json()["id"]
    seen = client.get(f"/v1/approvals/{number}/difference", headers=world.headers("author"))
    assert [each["field"] for each in seen.json()["fields"]] == ["title.vi"]
    assert listed(client, world, "author", "whose=mine") == [number, asked]


#: What may be asked of an approval, with a body that fits.
_ACTS: list[tuple[str, dict[str, Any]]] = [
    ("decision", {"decision": "approved"}),
    ("revision", {"title": "x"}),
    ("pull-back", {}),
    ("confirmation", {}),
    ("symbol", {"symbol": "1/TB-UBND"}),
    ("verbal-release", {"by": 1, "at": 1, "how": "phone"}),
    ("release-on-behalf", {"name": "a", "office": "b"}),
]


@pytest.mark.parametrize(("act", "body"), _ACTS)
def test_roles_get_403_and_strangers_404(
    client: TestClient, world: World, asked: int, act: str, body: dict[str, Any]
) -> None:
    path = f"/v1/approvals/{asked}/{act}"
    statuses = {}
    for who in ("auditor", "stranger"):
        headers = {**world.headers(who), "Idempotency-Key": who}
        statuses[who] = client.post(path, json=body, headers=headers).status_code
    assert statuses["auditor"] == 403
    assert statuses["stranger"] == 404
