"""How a bulletin is to be played: the playback terms of a rendition, read once.

Keys of ``Payload.extra``, all optional: ``message``, ``rev``, ``at`` (epoch ms, not before),
``sessions`` (list of ``["05:30", "06:30"]``), ``quiet`` (one such pair), ``repeat``, ``gap_s``,
``volume``, ``on_preempt``, ``late``, ``ttl_s``, ``drill``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatcher.domain.errors import BadInput
from dispatcher.domain.playlist import QUIET, DayPart, Late, OnPreempt

#: Lowest and highest value of each number.
_RANGES = {
    "rev": (1, 2**31),
    "at": (0, 2**53),
    "repeat": (1, 10),
    "gap_s": (0, 600),
    "volume": (1, 100),
    "ttl_s": (1, 86_400),
}


@dataclass(frozen=True, slots=True)
class Terms:
    """Playback terms; units as in ``PlayItem``."""

    message: str = ""
    rev: int = 1
    at: int = 0
    sessions: tuple[DayPart, ...] = ()
    quiet: DayPart = QUIET
    repeat: int = 1
    gap_s: int = 5
    volume: int = 80
    on_preempt: OnPreempt = OnPreempt.RESTART
    late: Late = Late.PLAY
    ttl_s: int = 600
    drill: bool = False


def read(extra: Mapping[str, object]) -> Terms:
    """Terms of a rendition. Raises BadInput, which names the key."""
    known = {key: value for key, value in extra.items() if key in Terms.__slots__}
    try:
        return Terms(
            **{key: _READERS.get(key, _number)(key, value) for key, value in known.items()}
        )
    except (TypeError, ValueError) as error:
        raise _bad(str(error)) from error


def _number(key: str, value: object) -> int:
    low, high = _RANGES[key]
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{key}: {value!r} is not an integer from {low} to {high}")
    return value


def _flag(key: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(f"{key}: {value!r} is not true or false")
    return value


def _text(_key: str, value: object) -> str:
    return str(value)


def _part(key: str, value: object) -> DayPart:
    if isinstance(value, DayPart):
        return value
    if not isinstance(value, Sequence) or len(value) != 2:
        raise ValueError(f"{key}: {value!r} is not a pair of hours")
    return DayPart.parse(str(value[0]), str(value[1]))


def _parts(key: str, value: object) -> tuple[DayPart, ...]:
    if not isinstance(value, Sequence):
        raise TypeError(f"{key}: {value!r} is not a list of pairs")
    return tuple(_part(key, each) for each in value)


_READERS: Mapping[str, Any] = {
    "message": _text,
    "sessions": _parts,
    "quiet": _part,
    "on_preempt": lambda _key, value: OnPreempt(value),
    "late": lambda _key, value: Late(value),
    "drill": _flag,
}


def _bad(words: str) -> BadInput:
    return BadInput("bad_playback_terms", f"Điều kiện phát loa sai: {words}", words, field="extra")
