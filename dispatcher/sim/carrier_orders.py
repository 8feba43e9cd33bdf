"""A carrier order as it arrives on the desk: what must be in it, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

#: The media a carrier offers, and the sound format each of them needs.
MEDIA: Mapping[str, str] = {"ringback": "audio/PCMA", "area_sms": "", "zalo": ""}
# G.711 at 8 kHz is 8 bytes a millisecond; announcements longer than a minute are not heard.
ALAW_BYTES_PER_MS = 8
LONGEST_MS = 60_000
AREA = re.compile(r"\d{2}|\d{5}")
ORDER_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(slots=True)
class Order:
    """One order and what became of it. `body` is kept to tell a repeat from a different order."""

    id: str
    carrier_ref: str
    body: bytes
    areas: list[str]
    starts: datetime
    ends: datetime
    audio: Mapping[str, Any]
    drill: bool
    state: str = "accepted"
    reason: str = ""
    audio_held: bool = False
    reported: datetime | None = None
    history: list[tuple[str, datetime]] = field(default_factory=list)


class BadOrderError(ValueError):
    """A field is missing or wrong; `args[0]` names it."""


def check(order: Mapping[str, Any], now: datetime) -> None:
    """Raise BadOrderError naming the first field that is missing or wrong."""
    for name, right in _CHECKS.items():
        try:
            fits = right(order)
        except (KeyError, TypeError, ValueError, AttributeError):
            fits = False
        if not fits:
            raise BadOrderError(name)
    if moment(order["period"]["until"]) <= now:
        raise BadOrderError("period.until")


def moment(text: str) -> datetime:
    """An RFC 3339 time; one without an offset is an error."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("no offset from UTC")
    return parsed


def _audio_fits(order: Mapping[str, Any]) -> bool:
    mime = MEDIA[order["medium"]]
    if not mime:
        return order.get("audio") is None
    audio = order["audio"]
    return (
        audio["mime"] == mime
        and re.fullmatch(r"[0-9a-f]{64}", audio["sha256"]) is not None
        and 0 < audio["duration_ms"] <= LONGEST_MS
        and audio["bytes"] == audio["duration_ms"] * ALAW_BYTES_PER_MS
    )


_CHECKS: Mapping[str, Callable[[Mapping[str, Any]], bool]] = {
    "order": lambda order: ORDER_ID.fullmatch(order["order"]) is not None,
    "medium": lambda order: order["medium"] in MEDIA,
    "carrier": lambda order: bool(order["carrier"]),
    "text": lambda order: bool(order["text"].strip()),
    "audio": _audio_fits,
    "areas": lambda order: bool(order["areas"]) and all(map(AREA.fullmatch, order["areas"])),
    "period": lambda order: moment(order["period"]["from"]) < moment(order["period"]["until"]),
    "caller_class": lambda order: (
        order["caller_class"] in ("all", "mobile", "fixed", "own_numbers")
    ),
    "authorised_by": lambda order: (
        bool(order["authorised_by"]["symbol"]) and bool(order["authorised_by"]["agency"])
    ),
    "drill": lambda order: isinstance(order["drill"], bool),
}
