"""Sổ lượt gửi: a line for each delivery, its target masked."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from dispatcher.books import codes
from dispatcher.books.book import Book, Column, Form, Shelved, Slice, Values, numbers
from dispatcher.domain.model import TargetKind
from dispatcher.ledger import prices, reading
from dispatcher.ledger.books import deliveries, dispatches
from dispatcher.ledger.books.scope import Scope
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.prices import Prices
from dispatcher.ledger.transition import Place

BOOK = Book(
    "deliveries",
    "Sổ lượt gửi",
    "Deliveries",
    "Trạng thái của từng lượt dựa trên căn cứ ghi ở cột Căn cứ; người nhận đã được che.",
    "Each status rests on the word in the column Evidence; targets are masked.",
    (
        Column("dispatch", "Lần phát", "Dispatch", Form.NUMBER),
        Column("id", "Lượt gửi", "Delivery", Form.NUMBER),
        Column("channel", "Kênh", "Channel", Form.CODE, "channel"),
        Column("target", "Nơi nhận (đã che)", "Target (masked)"),
        Column("sent_at", "Gửi lúc", "Sent at", Form.MOMENT),
        Column("word_at", "Bên kia ghi lúc", "Time of the last word", Form.MOMENT),
        Column("updated_at", "Cập nhật lúc", "Updated at", Form.MOMENT),
        Column("route", "Kết nối", "Route", Form.NUMBER),
        Column("provider_ref", "Mã của nhà cung cấp", "Provider's id"),
        Column("attempt", "Lần thử", "Attempt", Form.NUMBER),
        Column("status", "Trạng thái", "Status", Form.CODE, "status"),
        Column("evidence", "Căn cứ", "Evidence", Form.CODE, "evidence"),
        Column("reason", "Lý do", "Reason", Form.CODE, "reason"),
        Column("parts", "Số phần tin", "Parts", Form.NUMBER),
        Column("unit_price", "Đơn giá (đồng/phần)", "Unit price (VND)", Form.MONEY),
    ),
)

#: Dispatches looked up at a time.
_DISPATCHES = 100


def read(conn: Connection, scope: Scope, place: str, limit: int) -> Slice:
    """Deliveries of the dispatches that start in the period, in that order."""
    start, dispatch, delivery = numbers(place, 3)
    rates = prices.read(conn)
    found = list(islice(_lines(conn, scope, (start, dispatch, delivery), limit, rates), limit))
    last = found[-1] if len(found) == limit else None
    return Slice([line for _, line in found], last[0] if last else "")


SHELVED = Shelved(BOOK, read, personal=True)


def _lines(
    conn: Connection, scope: Scope, after: tuple[int, int, int], limit: int, rates: Prices
) -> Iterator[tuple[str, Values]]:
    """(where to go on after it, line)."""
    start, dispatch, delivery = after
    # The dispatch in hand is met again: its other deliveries follow.
    for row in _from(conn, scope, (start, dispatch - 1)):
        spot = Place(row.id, row.part)
        last = delivery if row.id == dispatch else 0
        while rows := deliveries.after(conn, spot, last, limit):
            for each, line in zip(rows, lines(conn, rows, rates), strict=True):
                yield f"{row.start_at}.{row.id}.{each.id}", line
            last = rows[-1].id


def _from(conn: Connection, scope: Scope, after: tuple[int, int]) -> Iterator[Row[Any]]:
    while rows := dispatches.starting(conn, scope, after, _DISPATCHES):
        yield from rows
        after = (rows[-1].start_at, rows[-1].id)


def lines(conn: Connection, rows: Sequence[Row[Any]], rates: Prices) -> list[Values]:
    """The lines of some deliveries of one dispatch."""
    names = reading.target_names(conn, rows)
    moments = deliveries.sent_at(conn, rows)
    return [
        _line(
            row,
            names.get((row.target_kind, row.target_id), TargetKind(row.target_kind).name.lower()),
            moments.get(row.id),
            rates,
        )
        for row in rows
    ]


def _line(row: Row[Any], target: str, sent: int | None, rates: Prices) -> Values:
    return [
        row.dispatch_id,
        row.id,
        row.channel,
        target,
        sent,
        row.word_at or None,
        row.updated_at,
        row.route_id,
        row.provider_ref,
        row.attempt,
        *codes.standing(row),
        codes.reason(row.reason),
        row.parts,
        rates.at(row.route_id, sent) if sent and row.route_id else None,
    ]
