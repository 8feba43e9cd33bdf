"""A refusal leaves an event, and a flood of them does not fill the log."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from dispatcher.ledger import refusals
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import act


def noted(ledger: Ledger) -> list[str]:
    with ledger.read() as conn:
        return list(conn.scalars(select(act.c.subject).where(act.c.name == "refuse")))


def test_a_flood_of_one_refusal_is_one_event(ledger: Ledger) -> None:
    for _ in range(20):
        refusals.note(ledger, "key", "key:loa_test_abc", "revoked")
    assert noted(ledger) == ["key:loa_test_abc"]


@pytest.mark.parametrize(
    "other",
    [
        ("session", "key:1", "revoked"),
        ("key", "key:2", "revoked"),
        ("key", "key:1", "over"),
    ],
)
def test_another_kind_subject_or_reason_is_another_event(
    ledger: Ledger, other: tuple[str, str, str]
) -> None:
    refusals.note(ledger, "key", "key:1", "revoked")
    refusals.note(ledger, *other)
    assert len(noted(ledger)) == 2
