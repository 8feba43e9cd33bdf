"""What a speaker is told to play, and when (docs/loa-1.md).

A manifest is a full snapshot of what one speaker is to do. Its bytes are signed as they are built
here; a device reads them with a parser of its own.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum

from dispatcher.domain.errors import BadInput
from dispatcher.domain.model import Level, Media

#: Vietnam keeps one offset all year; devices are told the offset, never a zone name.
HANOI = timezone(timedelta(hours=7), "+07:00")

MINUTE_MS = 60_000

#: An emergency sounds three times, ten minutes apart, while it is valid (docs/design.md §7).
EMERGENCY_PLAYS = 3
EMERGENCY_APART_MS = 10 * MINUTE_MS

#: How far ahead a session is looked for: sessions are daily, so two days hold the next one whole.
_DAYS_AHEAD = 2


class OnPreempt(StrEnum):
    """What becomes of a play that an emergency has cut short."""

    RESTART = "restart"
    RESUME = "resume"
    DROP = "drop"


class Late(StrEnum):
    """Whether an occurrence may still begin long after its hour, within its window."""

    PLAY = "play"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class DayPart:
    """A stretch of every day, in minutes after local midnight; ``start > end`` spans midnight."""

    start: int
    end: int

    @classmethod
    def parse(cls, start: str, end: str) -> "DayPart":
        """From two ``HH:MM``. Raises BadInput."""
        return cls(_minutes(start), _minutes(end))

    def clock(self) -> tuple[str, str]:
        """The two ends as ``HH:MM``."""
        return (
            f"{self.start // 60:02}:{self.start % 60:02}",
            f"{self.end // 60:02}:{self.end % 60:02}",
        )

    def stretches(self, since: int, days: int) -> Iterator[tuple[int, int]]:
        """Its occurrences as (start, end) in epoch ms: the one begun the day before, then on."""
        length = (self.end - self.start) % (24 * 60)
        midnight = datetime.fromtimestamp(since / 1000, HANOI).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        for day in range(-1, days):
            start = int(midnight.timestamp() * 1000) + (day * 24 * 60 + self.start) * MINUTE_MS
            yield start, start + length * MINUTE_MS


#: Hours in which only an emergency may sound (docs/design.md §7): a commune's speakers once began
#: at 03:15 because a relay's hour was mistyped (Trung Lộc, Nghệ An, 05/12/2025).
QUIET = DayPart(21 * 60, 5 * 60 + 30)


@dataclass(frozen=True, slots=True)
class Play:
    """One occurrence: may begin from ``at`` until before ``until`` (epoch ms), once."""

    occurrence: str
    at: int
    until: int


@dataclass(frozen=True, slots=True)
class PlayItem:
    """One delivery as its speaker gets it.

    ``id``: ``str(Reference)``; ``repeat``: how often the sound is heard in one occurrence,
    ``gap_s`` seconds apart; ``volume``: per cent (an emergency is played at 100); ``ttl_s``: how
    long after receipt a device without a clock may still begin an emergency; ``valid_until``:
    epoch ms, 0 if the plays' own windows are the only bound.
    """

    id: str
    message: str
    rev: int
    level: Level
    media: Media
    plays: tuple[Play, ...]
    repeat: int = 1
    gap_s: int = 5
    volume: int = 80
    on_preempt: OnPreempt = OnPreempt.RESTART
    late: Late = Late.PLAY
    ttl_s: int = 600
    valid_until: int = 0
    drill: bool = False

    @property
    def length_ms(self) -> int:
        """How long one occurrence takes, gaps included."""
        return self.repeat * self.media.duration_ms + (self.repeat - 1) * self.gap_s * 1000


@dataclass(frozen=True, slots=True)
class Cancel:
    """An item that must not begin again; with ``stop_now`` it falls silent in mid-word."""

    id: str
    stop_now: bool = True
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that one device is to do. ``seq`` only grows; times in epoch ms.

    ``sessions`` are the hours in which the station may sound; without any, only emergencies pass.
    """

    device: str
    seq: int
    issued: int
    not_after: int
    items: Sequence[PlayItem]
    cancels: Sequence[Cancel] = ()
    quiet: DayPart = QUIET
    sessions: Sequence[DayPart] = ()
    poll_s: int = 55

    @property
    def drill(self) -> bool:
        """Whether it concerns drills and nothing else: then the key for drills signs it."""
        marks = [*(each.drill for each in self.items), *(each.drill for each in self.cancels)]
        return bool(marks) and all(marks)


def build(manifest: Manifest) -> bytes:
    """The exact bytes to be signed and served: UTF-8 JSON, members in the protocol's order."""
    body = {
        "schema": "loa/1",
        "device": manifest.device,
        "seq": manifest.seq,
        "issued": manifest.issued,
        "not_after": manifest.not_after,
        "poll_s": manifest.poll_s,
        "tz": "+07:00",
        "quiet": [manifest.quiet.clock()],
        "sessions": [session.clock() for session in manifest.sessions],
        "items": [_item(item) for item in manifest.items],
        "cancel": [{"id": each.id, "stop_now": each.stop_now} for each in manifest.cancels],
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _item(item: PlayItem) -> Mapping[str, object]:
    return {
        "id": item.id,
        "msg": item.message,
        "rev": item.rev,
        "level": item.level.value,
        "media": {
            "sha256": item.media.sha256,
            "bytes": item.media.size,
            "ms": item.media.duration_ms,
            "type": item.media.mime,
        },
        "plays": [
            {"occ": play.occurrence, "at": play.at, "until": play.until} for play in item.plays
        ],
        "repeat": item.repeat,
        "gap_s": item.gap_s,
        "volume": item.volume,
        "on_preempt": item.on_preempt.value,
        "late": item.late.value,
        "ttl_s": item.ttl_s,
        "valid_until": item.valid_until,
        "drill": item.drill,
    }


def plan(
    item: str,
    level: Level,
    now: int,
    valid_until: int,
    *,
    quiet: DayPart = QUIET,
    sessions: Sequence[DayPart] = (),
    length_ms: int = 0,
) -> tuple[Play, ...]:
    """When an item sounds; empty if the hours leave it no room (times in epoch ms).

    An emergency sounds at once and at every hour. Anything else waits for the first part of a
    session, outside the silence, that has room for ``length_ms`` before ``valid_until`` (0: open).
    """
    if level is Level.EMERGENCY:
        windows = _emergency(now, valid_until)
    else:
        windows = _first_room(now, valid_until, quiet, sessions, length_ms)
    return tuple(Play(f"{item}#{k}", at, until) for k, (at, until) in enumerate(windows))


def _emergency(now: int, valid_until: int) -> list[tuple[int, int]]:
    """The last window stays open while the bulletin is valid, for speakers that come back late."""
    end = valid_until or now + EMERGENCY_PLAYS * EMERGENCY_APART_MS
    starts = [now + k * EMERGENCY_APART_MS for k in range(EMERGENCY_PLAYS)]
    starts = [start for start in starts if start < end]
    return list(zip(starts, [*starts[1:], end], strict=False))


def _first_room(
    now: int, valid_until: int, quiet: DayPart, sessions: Sequence[DayPart], length_ms: int
) -> list[tuple[int, int]]:
    open_parts = sorted(
        part
        for session in sessions
        for stretch in session.stretches(now, _DAYS_AHEAD)
        for part in _outside(stretch, quiet)
    )
    for start, end in open_parts:
        at, until = max(start, now), min(end, valid_until or end)
        if until - at > length_ms:
            return [(at, until)]
    return []


def _outside(stretch: tuple[int, int], quiet: DayPart) -> list[tuple[int, int]]:
    """What remains of a stretch when the silence is cut out."""
    parts = [stretch]
    for low, high in quiet.stretches(stretch[0], _DAYS_AHEAD):
        parts = [
            piece
            for start, end in parts
            for piece in ((start, min(end, low)), (max(start, high), end))
            if piece[0] < piece[1]
        ]
    return parts


def _minutes(text: str) -> int:
    hours, colon, minutes = text.partition(":")
    digits = len(hours) == len(minutes) == 2 and (hours + minutes).isascii()
    if not (colon and digits and (hours + minutes).isdigit()):
        raise _bad_time(text)
    if int(hours) > 23 or int(minutes) > 59:
        raise _bad_time(text)
    return int(hours) * 60 + int(minutes)


def _bad_time(text: str) -> BadInput:
    return BadInput(
        "bad_time", f"Giờ phải có dạng HH:MM, không phải “{text}”.", f"not HH:MM: {text!r}"
    )
