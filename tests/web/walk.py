"""The way of a bulletin through the API, as a program walks it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from tests.web.world import COMMUNE, World

EVACUATION = (Path(__file__).parents[2] / "examples" / "evacuation.toml").read_text()
TOML = {"Content-Type": "application/toml"}


def written(client: TestClient, world: World) -> dict[str, Any]:
    """The evacuation order as a version with its renditions for two channels."""
    answer = client.post(
        "/v1/bulletins?channels=sms&channels=loudspeaker",
        content=EVACUATION,
        headers={**world.headers("author"), **TOML},
    )
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def approved(client: TestClient, world: World) -> int:
    """The id of an approval that may be started."""
    proposal = {
        "version": written(client, world)["version"],
        "audience": {"areas": [COMMUNE]},
        "channels": ["sms", "loudspeaker"],
        "mode": "test",
    }
    asked = client.post("/v1/approvals", json=proposal, headers=world.headers("author"))
    assert asked.status_code == 201, asked.text
    number = int(asked.json()["id"])
    decided = client.post(
        f"/v1/approvals/{number}/decision",
        json={"decision": "approved"},
        headers=world.headers("approver"),
    )
    assert decided.status_code == 200, decided.text
    return number


def started(client: TestClient, world: World, key: str = "bat-dau-1") -> int:
    """The id of a dispatch, cut into deliveries and sent."""
    answer = client.post(
        "/v1/dispatches",
        json={"approval": approved(client, world)},
        headers={**world.headers("operator"), "Idempotency-Key": key},
    )
    assert answer.status_code == 201, answer.text
    for _ in range(3):
        world.work()
    return int(answer.json()["id"])
