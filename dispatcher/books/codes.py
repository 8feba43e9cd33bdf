"""Stored numbers as the codes of the API; one of a later version stays the number."""

from dispatcher.domain.status import Evidence, Reason, Status


def status(number: int) -> str:
    return Status(number).word if number in Status.__members__.values() else str(number)


def evidence(number: int) -> str:
    return Evidence(number).word if number in Evidence.__members__.values() else str(number)


def reason(number: int) -> str:
    """Empty for no reason."""
    if not number:
        return ""
    return Reason(number).code if number in Reason.__members__.values() else str(number)
