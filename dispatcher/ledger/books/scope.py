"""Whose rows, and of when."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select, text

from dispatcher.domain.period import Period
from dispatcher.ledger.tables import agency


@dataclass(frozen=True, slots=True)
class Scope:
    """Agencies at ``path`` and below it, in a period."""

    path: str
    period: Period


def agencies(path: str) -> Select[Any]:
    """The ids of an agency and those below it."""
    below = text("substr(agency.path, 1, length(:top)) = :top").bindparams(top=path)
    return select(agency.c.id).where(below)
