"""What is due, and what can no longer be. Pure: the hour and the past are parameters."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from dispatcher.player.manifest import RANKS, Item, Manifest, Occurrence

#: With ``late: skip``, how long after its hour an occurrence may still begin.
LATE_MS = 60_000

_DAY = 24 * 60


@dataclass(frozen=True, slots=True)
class Moment:
    """When the question is asked.

    ``now``: epoch ms, None without a trusted clock; ``age_ms``: how long ago the manifest came,
    None if it came before the last start; ``over``: occurrences begun or given up;
    ``interrupted``: those of them that an emergency cut short and that may begin again.
    """

    now: int | None
    age_ms: int | None
    over: Collection[str]
    interrupted: Collection[str] = ()

    def open(self, occ: str) -> bool:
        return occ not in self.over or occ in self.interrupted


Due = tuple[Item, Occurrence]


def due(manifest: Manifest, moment: Moment) -> list[Due]:
    """What should sound now, first things first: level, hour, the manifest's own order."""
    found = [
        (item, play)
        for item, play in _pending(manifest, moment)
        if _may_begin(manifest, item, play, moment)
    ]
    return sorted(found, key=lambda pair: (RANKS[pair[0].level], pair[1].at))


def given_up(manifest: Manifest, moment: Moment) -> list[tuple[str, Item, Occurrence]]:
    """What can no longer begin, with the log's word for it. Nothing without a clock."""
    now = moment.now
    if now is None:
        return []
    return [
        (_verdict(manifest, item, play, now), item, play)
        for item, play in _pending(manifest, moment)
        if now >= _closes(item, play, moment)
    ]


def remaining(manifest: Manifest, item_id: str, over: Collection[str]) -> int:
    """How many occurrences of an item may yet sound."""
    if item_id in manifest.cancelled:
        return 0
    plays = (play for item in manifest.items if item.id == item_id for play in item.plays)
    return sum(play.occ not in over for play in plays)


def audible(manifest: Manifest, start: int, length_ms: int) -> bool:
    """Whether something other than an emergency may sound from ``start`` (epoch ms) on.

    Its last second counts too: what begins at 20:59 must not end in the silence.
    """
    ends = [_minute_of_day(manifest, at) for at in (start, start + length_ms)]
    silent = any(_within(minute, part) for minute in ends for part in manifest.quiet)
    in_session = any(all(_within(minute, part) for minute in ends) for part in manifest.sessions)
    return in_session and not silent


def _pending(manifest: Manifest, moment: Moment) -> Iterator[Due]:
    for item in manifest.items:
        if item.id not in manifest.cancelled:
            yield from ((item, play) for play in item.plays if moment.open(play.occ))


def _may_begin(manifest: Manifest, item: Item, play: Occurrence, moment: Moment) -> bool:
    if moment.now is None:
        return _may_begin_without_clock(item, play, moment.age_ms)
    if not play.at <= moment.now < _closes(item, play, moment) or moment.now >= manifest.not_after:
        return False
    return item.emergency or audible(manifest, moment.now, item.length_ms)


def _may_begin_without_clock(item: Item, play: Occurrence, age_ms: int | None) -> bool:
    """Only an emergency, as long after its receipt as it would come after the first one."""
    if not item.emergency or age_ms is None or age_ms >= item.ttl_s * 1000:
        return False
    return age_ms >= play.at - min(each.at for each in item.plays)


def _closes(item: Item, play: Occurrence, moment: Moment) -> int:
    until = min(play.until, item.valid_until or play.until)
    if item.late == "skip" and play.occ not in moment.interrupted:
        return min(until, play.at + LATE_MS)
    return until


def _verdict(manifest: Manifest, item: Item, play: Occurrence, now: int) -> str:
    if not item.emergency and not audible(manifest, play.at, item.length_ms):
        return "skipped_quiet"
    return "expired" if 0 < item.valid_until <= now else "missed"


def _minute_of_day(manifest: Manifest, at: int) -> float:
    return (at / 60_000 + manifest.tz_minutes) % _DAY


def _within(minute: float, part: tuple[int, int]) -> bool:
    start, end = part
    return start <= minute < end if start <= end else minute >= start or minute < end
