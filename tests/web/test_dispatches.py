"""A dispatch through the API: what it shows, how it is stopped, and that nothing starts twice."""

from __future__ import annotations

from starlette.testclient import TestClient

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
