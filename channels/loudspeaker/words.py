"""A device's words in ours: one table, from the play log of docs/loa-1.md §6."""

from collections.abc import Mapping
from typing import Any

from dispatcher.domain.model import Reference, StatusEvent
from dispatcher.domain.status import Evidence, Reason, Status

#: A play counts as heard from this share of its length (docs/design.md §4).
HEARD = 0.9

#: Words after which the item may still sound in another occurrence: they count when none is left.
_LAST_WORDS = {
    "missed": (Status.FAILED, Reason.MISSED),
    "expired": (Status.FAILED, Reason.MISSED),
    "preempted": (Status.FAILED, Reason.PREEMPTED),
    "skipped_quiet": (Status.FAILED, Reason.QUIET_HOURS),
    "fault": (Status.FAILED, Reason.DEVICE_FAULT),
}

_WORDS = {
    "cached": (Status.ACCEPTED, Reason.NONE),
    "rejected": (Status.FAILED, Reason.REJECTED_BY_DEVICE),
    "cancelled": (Status.CANCELLED, Reason.CANCELLED_BY_PERSON),
}


def translate(device: str, line: Mapping[str, Any]) -> StatusEvent | None:
    """What one line of the log says of a delivery; None if it says nothing that moves one.

    ``provider_ref`` is ``device/reference``, so that no device can speak for another.
    """
    ref = Reference.parse(str(line.get("item", "")))
    meaning = _meaning(line)
    if ref is None or meaning is None:
        return None
    status, reason = meaning
    return StatusEvent(
        ref,
        status,
        reason,
        Evidence.DEVICE,
        provider_ref=f"{device}/{ref}",
        code=str(line.get("t")),
        words=str(line.get("reason") or ""),
        at=_count(line, "wall"),
    )


def _meaning(line: Mapping[str, Any]) -> tuple[Status, Reason] | None:
    word = str(line.get("t"))
    if word == "end":
        return _end(line)
    if word in _LAST_WORDS:
        return None if _count(line, "left") else _LAST_WORDS[word]
    return _WORDS.get(word)


def _end(line: Mapping[str, Any]) -> tuple[Status, Reason] | None:
    whole = _count(line, "of_ms")
    if whole and _count(line, "played_ms") >= HEARD * whole:
        return Status.DELIVERED, Reason.NONE
    return None if _count(line, "left") else (Status.FAILED, Reason.PLAYED_IN_PART)


def _count(line: Mapping[str, Any], name: str) -> int:
    """A non-negative integer, or 0: a device's number is never trusted to be one."""
    value = line.get(name)
    return value if type(value) is int and value > 0 else 0
