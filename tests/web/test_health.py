"""Alive, ready, and how it is doing."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

import api
from dispatcher import bootstrap
from dispatcher.config import Settings
from dispatcher.ledger import pages
from tests.ledger.world import NOW
from tests.web import walk
from tests.web.world import World


def test_a_prepared_installation_is_ready(client: TestClient, world: World) -> None:
    world.runtime.verbs["seal"](0)
    assert client.get("/healthz").text == "ok\n"
    assert client.get("/readyz").json()["state"] == "ready"


def test_pages_that_nobody_seals_degrade_it(client: TestClient, world: World) -> None:
    world.runtime.verbs["seal"](0)
    with world.runtime.ledger.begin() as conn:
        pages.record(conn, "note", "note:1", actor=0, at=NOW, facts={})
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["state"]) == (200, "degraded")
    assert answer.json()["checks"]["sealed"] is False


def test_an_empty_database_is_not_ready(tmp_path: Path) -> None:
    runtime = bootstrap.build(Settings(_env_file=None, data_dir=tmp_path))
    with TestClient(api.create_app(runtime)) as opened:
        answer = opened.get("/readyz")
    runtime.close()
    assert (answer.status_code, answer.json()["state"]) == (503, "unready")


def test_metrics_are_for_this_machine_only(world: World) -> None:
    app = api.create_app(world.runtime)
    with TestClient(app, client=("203.0.113.7", 50000)) as far:
        assert far.get("/metrics").status_code == 404
    with TestClient(app, client=("127.0.0.1", 50000)) as near:
        walk.started(near, world)
        text = near.get("/metrics").text
        proxied = near.get("/metrics", headers={"X-Forwarded-For": "203.0.113.7"})
    assert 'loa_deliveries{channel="sms",status="accepted"} 3.0' in text
    assert 'loa_route_usable{route="SMS thử nghiệm"} 1.0' in text
    assert proxied.status_code == 404
