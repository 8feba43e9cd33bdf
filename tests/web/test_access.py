"""Who may see what: nothing without a key, nothing outside one's part of the tree."""

from __future__ import annotations

from starlette.testclient import TestClient

from tests.web.world import World


def test_nothing_without_a_key(client: TestClient) -> None:
    answer = client.get("/v1/dispatches")
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_key_opens_the_list(client: TestClient, world: World) -> None:
    answer = client.get("/v1/dispatches", headers=world.headers("auditor"))
    assert answer.json() == {"items": [], "next": None}
