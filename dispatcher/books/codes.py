"""Stored numbers as the codes of the API; one of a later version stays the number."""

from typing import Any

from dispatcher.domain.discretion import told
from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger.handles import Row


def status(number: int) -> str:
    return Status(number).word if number in Status.__members__.values() else str(number)


def evidence(number: int) -> str:
    return Evidence(number).word if number in Evidence.__members__.values() else str(number)


def reason(number: int) -> str:
    """Empty for no reason."""
    if not number:
        return ""
    return Reason(number).code if number in Reason.__members__.values() else str(number)


def standing(row: Row[Any]) -> tuple[str, str]:
    """Status and evidence of one delivery, as they are told of a person (``domain.discretion``)."""
    known = (
        row.status in Status.__members__.values() and row.evidence in Evidence.__members__.values()
    )
    if row.target_kind != TargetKind.ADDRESS or not known:
        return status(row.status), evidence(row.evidence)
    shown = told(Status(row.status), Evidence(row.evidence))
    return shown[0].word, shown[1].word
