"""Whose rows, and of when."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select

from dispatcher.domain.period import Period
from dispatcher.ledger.scope import below
from dispatcher.ledger.tables import agency


@dataclass(frozen=True, slots=True)
class Scope:
    """Agencies at ``path`` and below it, in a period; dispatches of one mode, live or test."""

    path: str
    period: Period
    mode: str


def agencies(path: str) -> Select[Any]:
    """The ids of an agency and those below it."""
    return select(agency.c.id).where(below(path))
