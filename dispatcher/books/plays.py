"""Nhật ký phát thanh: a line for each play that ended, from the loudspeakers' own chained logs."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dispatcher.books.book import Book, Column, Form, Shelved, Slice, Values, bad_place
from dispatcher.domain.errors import BadInput
from dispatcher.domain.model import Reference
from dispatcher.domain.period import local
from dispatcher.domain.playlist import DayPart
from dispatcher.ledger.books import plays
from dispatcher.ledger.books.plays import Spot
from dispatcher.ledger.books.scope import Scope
from dispatcher.ledger.handles import Connection, Row

BOOK = Book(
    "plays",
    "Nhật ký phát thanh",
    "Log of plays",
    "Dựa trên nhật ký nối chuỗi băm do chính thiết bị ghi; thời gian theo đồng hồ của thiết bị.",
    "From the hash-chained log that the device itself keeps; times by the device's clock.",
    (
        Column("station", "Đài", "Station"),
        Column("cluster", "Cụm loa", "Cluster"),
        Column("session", "Buổi phát", "Session"),
        Column("dispatch", "Lần phát", "Dispatch", Form.NUMBER),
        Column("occurrence", "Lượt phát", "Occurrence"),
        Column("planned_at", "Giờ đã định", "Planned at", Form.MOMENT),
        Column("started_at", "Bắt đầu", "Start", Form.MOMENT),
        Column("ended_at", "Kết thúc", "End", Form.MOMENT),
        Column("played_ms", "Thời lượng đã phát", "Played", Form.LENGTH),
        Column("whole_ms", "Thời lượng cả bài", "Whole", Form.LENGTH),
        Column("result", "Kết quả", "Result", Form.CODE, "play"),
        Column("reason", "Lý do", "Reason"),
        Column("clock_offset_ms", "Lệch đồng hồ (ms)", "Clock offset (ms)", Form.NUMBER),
        Column("clock", "Đồng hồ", "Clock", Form.CODE, "sync"),
        Column("file_hash", "Mã băm tệp âm thanh (SHA-256)", "Hash of the sound (SHA-256)"),
        Column("line", "Dòng nhật ký thiết bị", "Line of the device's log"),
        Column("line_hash", "Mã băm dòng nhật ký", "Hash of that line"),
        Column("received_at", "Nhận lúc", "Received at", Form.MOMENT),
    ),
)

#: Words of the device's log by which a play came to its end, or did not begin (docs/loa-1.md §8).
_ENDS = frozenset(
    {"end", "preempted", "missed", "expired", "skipped_quiet", "fault", "cancelled", "rejected"}
)
_BEGINS = frozenset({"start", "resumed"})

_Line = Mapping[str, Any]


def read(conn: Connection, scope: Scope, place: str, limit: int) -> Slice:
    """Lines of the logs by cluster and by when they came in; some slices are short."""
    rows = plays.lines(conn, scope, _spot(place), limit)
    told = [(row, line) for row in rows if (line := _line(row.line)).get("t") in _ENDS]
    own = plays.of_mode(conn, {_dispatch(line) for _, line in told}, scope.mode)
    ended = [(row, line) for row, line in told if _dispatch(line) in own]
    orders = plays.orders(conn, [(row.speaker_id, str(line.get("item"))) for row, line in ended])
    shown = [
        _values(row, line, _beginning(conn, row, line), orders.get(_key(row, line), {}))
        for row, line in ended
    ]
    return Slice(shown, _next(rows[-1]) if len(rows) == limit else "")


SHELVED = Shelved(BOOK, read)


def _next(row: Row[Any]) -> str:
    return f"{row.speaker_id}.{row.received_at}.{row.n}.{row.boot}"


def _spot(place: str) -> Spot:
    """A boot's name is the device's own choice: it stands last and may hold anything."""
    if not place:
        return (0, 0, "", 0)
    parts = place.split(".", 3)
    if len(parts) != 4 or not all(each.isascii() and each.isdigit() for each in parts[:3]):
        raise bad_place()
    speaker, received, n = (int(each) for each in parts[:3])
    if max(speaker, received, n) >= 2**63:
        raise bad_place()
    return (speaker, received, parts[3], n)


def _line(raw: bytes) -> _Line:
    read_: _Line = json.loads(bytes(raw))
    return read_


def _dispatch(line: _Line) -> int:
    """Whose item the line is about; 0: nobody's, as a device that is misled may say."""
    item = Reference.parse(str(line.get("item", "")))
    return item.dispatch if item else 0


def _key(row: Row[Any], line: _Line) -> tuple[int, str]:
    return (row.speaker_id, str(line.get("item")))


def _beginning(conn: Connection, row: Row[Any], line: _Line) -> int | None:
    """When the sound began, by the line of this boot that says so; None if it never did."""
    if "played_ms" not in line:
        return None
    for raw in plays.before(conn, row):
        earlier = _line(raw)
        if earlier.get("t") in _BEGINS and earlier.get("occ") == line.get("occ"):
            return _whole(earlier, "wall")
    return None


def _values(row: Row[Any], line: _Line, began: int | None, order: Mapping[str, Any]) -> Values:
    ended = _whole(line, "wall")
    return [
        row.station_name,
        row.speaker_name,
        _session(row.hours, began or ended),
        _dispatch(line),
        str(line.get("occ", "")),
        _planned(order, line),
        began,
        ended,
        _whole(line, "played_ms"),
        _whole(line, "of_ms"),
        str(line["t"]),
        str(line.get("reason", "")),
        _whole(line, "off"),
        str(line.get("sync", "")),
        str(line.get("sha", "")),
        f"{row.boot}:{row.n}",
        str(line.get("h", "")),
        row.received_at,
    ]


def _whole(line: _Line, name: str) -> int | None:
    """A device's number is never trusted to be one; a clock's offset may be below zero."""
    value = line.get(name)
    return value if type(value) is int and abs(value) < 2**48 else None


def _planned(order: Mapping[str, Any], line: _Line) -> int | None:
    plays_: Sequence[Mapping[str, Any]] = order.get("plays", ())
    return next((each["at"] for each in plays_ if each["occurrence"] == line.get("occ")), None)


def _session(hours: Mapping[str, Any], at: int | None) -> str:
    """The station's session, by its present hours, in which the moment lies; else empty."""
    if at is None:
        return ""
    minute = local(at).hour * 60 + local(at).minute
    return next((_clock(part) for part in _parts(hours) if _within(part, minute)), "")


def _parts(hours: Mapping[str, Any]) -> list[DayPart]:
    try:
        return [DayPart.parse(*each) for each in hours.get("sessions", ())]
    except (BadInput, TypeError):
        return []


def _within(part: DayPart, minute: int) -> bool:
    if part.start <= part.end:
        return part.start <= minute < part.end
    return minute >= part.start or minute < part.end


def _clock(part: DayPart) -> str:
    return "–".join(part.clock())
