"""The API does what its description says, also with input nobody would think of."""

from __future__ import annotations

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from tests.web.world import World

#: Cases per operation; each is tried by everybody.
EXAMPLES = 2

ROLES = ("author", "approver", "operator", "auditor", "administrator", "nobody")


def test_schemathesis_finds_nothing(client: TestClient, world: World) -> None:
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", client.app)
    everybody = [world.headers(who) if who in world.keys else {} for who in ROLES]

    for result in schema.get_all_operations():
        operation = result.ok()

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def fuzz(case) -> None:  # type: ignore[no-untyped-def]
            for headers in everybody:
                case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        fuzz()
