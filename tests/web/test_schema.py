"""The API does what its description says, also with input nobody would think of."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance
from starlette.testclient import TestClient

from tests.web.world import World

#: Examples per operation and role: five hundred requests in all.
EXAMPLES = 1

ROLES = ("author", "approver", "operator", "auditor", "administrator", "nobody")


@pytest.mark.parametrize("who", ROLES)
def test_schemathesis_finds_nothing(client: TestClient, world: World, who: str) -> None:
    headers = world.headers(who) if who in world.keys else {}
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", client.app)

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
            case.call_and_validate(headers=headers, excluded_checks=[positive_data_acceptance])

        fuzz()
