"""An overview arranged for the eye: what needs somebody first, then the channels one by one."""

from dataclasses import dataclass

from dispatcher.domain import alarms
from dispatcher.domain.status import Status
from dispatcher.web.overview import ARRIVED, Alarm, Count, Overview

#: Alarms that name who is silent: they come before everything else.
_PEOPLE_FIRST = (alarms.Alarm.SILENT_SPEAKER, alarms.Alarm.NO_ANSWER)

#: The order of statuses on screens: what arrived, what is under way, what did not.
_ORDER = ("seen", "delivered", "accepted", "sending", "pending", "unknown", "failed", "expired")


@dataclass(frozen=True, slots=True)
class Line:
    """One status of a channel. ``words``: the name of its wording; ``x``, ``width``: per cent."""

    status: str
    words: str
    count: int
    evidence: tuple[tuple[str, int], ...]
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel's standing in its own unit."""

    name: str
    unit: str
    total: int
    arrived: int
    lines: tuple[Line, ...]


def channels(shown: Overview) -> list[Channel]:
    """The channels in the order of the plan, then others that have deliveries."""
    names = dict.fromkeys([*shown.channels, *(each.channel for each in shown.counts)])
    by_name = {name: [each for each in shown.counts if each.channel == name] for name in names}
    return [_channel(name, counts) for name, counts in by_name.items() if counts]


def silent(shown: Overview) -> list[Alarm]:
    """Clusters and responsible people that do not answer."""
    return [each for each in shown.alarms if each.code in _PEOPLE_FIRST]


def other_alarms(shown: Overview) -> list[Alarm]:
    return [each for each in shown.alarms if each.code not in _PEOPLE_FIRST]


def _channel(name: str, counts: list[Count]) -> Channel:
    ordered = sorted(counts, key=lambda each: (_rank(each.status), each.status))
    total = sum(each.count for each in ordered)
    lines, x = [], 0.0
    for each in ordered:
        width = each.count * 100 / total
        lines.append(_line(each, x, width))
        x += width
    arrived = sum(each.count for each in ordered if each.status in ARRIVED)
    return Channel(name, ordered[0].unit.value, total, arrived, tuple(lines))


def _line(each: Count, x: float, width: float) -> Line:
    own = f".{each.unit.value}" if each.status == Status.DELIVERED.word else ""
    return Line(
        status=each.status,
        words=f"status.{each.status}{own}",
        count=each.count,
        evidence=tuple(sorted(each.evidence.items())),
        x=round(x, 3),
        width=round(width, 3),
    )


def _rank(status: str) -> int:
    return _ORDER.index(status) if status in _ORDER else len(_ORDER)
