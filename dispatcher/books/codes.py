"""Stored numbers as the codes of the API; one of a later version stays the number."""

from typing import Any

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
    """Status and evidence of one delivery, as people may see them.

    That a person has seen a message is sensitive and shows in counts only: such a delivery arrived
    on at least the carrier's word.
    """
    if row.target_kind != TargetKind.ADDRESS:
        return status(row.status), evidence(row.evidence)
    arrived = Status.DELIVERED if row.status == Status.SEEN else row.status
    return status(arrived), evidence(min(row.evidence, Evidence.CARRIER))
