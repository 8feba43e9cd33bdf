"""A manifest as a device reads it: signature first, then every member."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.exceptions import InvalidSignature

from dispatcher.player.config import Trusted

_SIGNATURE = re.compile(r"ed25519;kid=([A-Za-z0-9._-]{1,64});sig=([A-Za-z0-9+/=]{80,96})")
_SHA256 = re.compile(r"[0-9a-f]{64}")

#: Which goes first among what is due.
RANKS = {"emergency": 0, "priority": 1, "normal": 2}


class Rejected(Exception):
    """A manifest that is not obeyed; the reason is a word of docs/loa-1.md §6."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Occurrence:
    occ: str
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class Item:
    """What to play. Times in epoch ms, ``bytes`` and ``ms`` of one sounding."""

    id: str
    rev: int
    level: str
    sha256: str
    bytes: int
    ms: int
    plays: tuple[Occurrence, ...]
    repeat: int
    gap_s: int
    volume: int
    on_preempt: str
    late: str
    ttl_s: int
    valid_until: int
    drill: bool

    @property
    def emergency(self) -> bool:
        return self.level == "emergency"

    @property
    def length_ms(self) -> int:
        return self.repeat * self.ms + (self.repeat - 1) * self.gap_s * 1000


@dataclass(frozen=True, slots=True)
class Manifest:
    """What one device is to do. ``quiet`` and ``sessions``: pairs of minutes after midnight.

    ``by_drill_key``: it was signed by a key that speaks for drills only.
    """

    seq: int
    not_after: int
    tz_minutes: int
    quiet: tuple[tuple[int, int], ...]
    sessions: tuple[tuple[int, int], ...]
    items: tuple[Item, ...]
    cancelled: Mapping[str, bool]
    unreadable: tuple[str, ...] = ()
    by_drill_key: bool = False


def verify(body: bytes, header: str, trust: Mapping[str, Trusted], device: str) -> Manifest:
    """The manifest in ``body`` if a trusted key signed it for this device. Raises Rejected."""
    key = _signer(body, header, trust)
    try:
        read = json.loads(body)
        manifest = _manifest(read)
        if read["schema"] != "loa/1":
            raise Rejected("unreadable", "schema")
        if read["device"] != device:
            raise Rejected("other_device", str(read["device"])[:40])
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected("unreadable", repr(error)) from error
    if key.drill and not all(item.drill for item in manifest.items):
        raise Rejected("drill_key", "signs for drills only")
    return replace(manifest, by_drill_key=key.drill)


def _signer(body: bytes, header: str, trust: Mapping[str, Trusted]) -> Trusted:
    match = _SIGNATURE.fullmatch(header)
    if match is None:
        raise Rejected("bad_signature", "no signature")
    trusted = trust.get(match[1])
    if trusted is None:
        raise Rejected("unknown_key", match[1])
    try:
        trusted.key.verify(base64.b64decode(match[2], validate=True), body)
    except (InvalidSignature, binascii.Error) as error:
        raise Rejected("bad_signature") from error
    return trusted


def _manifest(read: Mapping[str, Any]) -> Manifest:
    items, unreadable = [], []
    for each in read["items"]:
        try:
            items.append(_item(each))
        except (KeyError, TypeError, ValueError):
            unreadable.append(str(each["id"]))
    return Manifest(
        seq=_positive(read["seq"]),
        not_after=_positive(read["not_after"]),
        tz_minutes=_offset(read["tz"]),
        quiet=tuple(_hours(pair) for pair in read["quiet"]),
        sessions=tuple(_hours(pair) for pair in read["sessions"]),
        items=tuple(items),
        cancelled={str(each["id"]): each["stop_now"] is True for each in read["cancel"]},
        unreadable=tuple(unreadable),
    )


def _item(read: Mapping[str, Any]) -> Item:
    media = read["media"]
    return Item(
        id=_text(read["id"]),
        rev=_positive(read["rev"]),
        level=_one_of(read["level"], "emergency", "priority", "normal"),
        sha256=_sha256(media["sha256"]),
        bytes=_positive(media["bytes"]),
        ms=_positive(media["ms"]),
        plays=tuple(_occurrence(each) for each in read["plays"]),
        repeat=min(_positive(read["repeat"]), 10),
        gap_s=int(read["gap_s"]),
        volume=min(_positive(read["volume"]), 100),
        on_preempt=_one_of(read["on_preempt"], "restart", "resume", "drop"),
        late=_one_of(read["late"], "play", "skip"),
        ttl_s=_positive(read["ttl_s"]),
        valid_until=int(read["valid_until"]),
        drill=read["drill"] is True,
    )


def _occurrence(read: Mapping[str, Any]) -> Occurrence:
    return Occurrence(_text(read["occ"]), _positive(read["at"]), _positive(read["until"]))


def _text(value: object) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= 200:
        raise ValueError(value)
    return value


def _one_of(value: object, *words: str) -> str:
    if value not in words:
        raise ValueError(value)
    return str(value)


def _positive(value: object) -> int:
    if type(value) is not int or value <= 0:
        raise ValueError(value)
    return value


def _sha256(value: object) -> str:
    if not isinstance(value, str) or not _SHA256.fullmatch(value):
        raise ValueError(value)
    return value


def _hours(pair: Any) -> tuple[int, int]:
    start, end = (_minutes(text) for text in pair)
    return start, end


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _offset(text: str) -> int:
    sign = {"+": 1, "-": -1}[text[0]]
    return sign * _minutes(text[1:])
