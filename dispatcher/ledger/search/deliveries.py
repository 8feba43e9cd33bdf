"""Deliveries by all that dispatches are found by, and by evidence and channel.

A recipient is found by the index on addresses. Outcome and evidence have no index, which would
cost every update of every delivery: they are looked for dispatch by dispatch along the primary
key, a bounded number of rows for each answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    case,
    or_,
    select,
    tuple_,
)

from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import leaves
from dispatcher.ledger.search import dispatches
from dispatcher.ledger.search.dispatches import Wanted
from dispatcher.ledger.tables import delivery, dispatch, expansion
from dispatcher.ledger.transition import Place

#: Deliveries looked at, and dispatches passed over, before an answer is given: some 20 ms.
EXAMINED = 20_000
_PASSED = 200

#: (start, dispatch, delivery) after which to go on; the first is beyond every dispatch.
Spot = tuple[int, int, int]
NEWEST = (*dispatches.NEWEST, 0)


@dataclass(frozen=True, slots=True)
class Found:
    """Rows, and where to go on; None at the end. There may be more although there are no rows."""

    rows: list[Row[Any]]
    next: Spot | None


def find(conn: Connection, wanted: Wanted, before: Spot, limit: int) -> Found:
    """Deliveries of dispatches by start, newest first, and by id within each."""
    if wanted.recipient is not None:
        return _of_recipient(conn, wanted, before, limit)
    return _walk(conn, wanted, before, limit)


def _of_recipient(conn: Connection, wanted: Wanted, before: Spot, limit: int) -> Found:
    rows = list(conn.execute(recipient_query(wanted, before, limit)))
    last = rows[-1] if len(rows) == limit else None
    return Found(rows, (last.start_at, last.dispatch_id, last.id) if last else None)


def recipient_query(wanted: Wanted, before: Spot, limit: int) -> Select[Any]:
    """What one address was sent: a few hundred rows at most, so their order is made here."""
    start, number, last = before
    own = (dispatch.c.id == delivery.c.dispatch_id) & (dispatch.c.part == delivery.c.part)
    return (
        select(delivery, dispatch.c.start_at)
        .join(dispatch, own)
        .where(*dispatches.to(wanted.recipient or 0), *dispatches.conditions(wanted))
        .where(*_standing(delivery, wanted))
        .where(
            or_(
                tuple_(dispatch.c.start_at, dispatch.c.id) < tuple_(start, number),
                (dispatch.c.id == number) & (delivery.c.id > last),
            )
        )
        .order_by(dispatch.c.start_at.desc(), dispatch.c.id.desc(), delivery.c.id)
        .limit(limit)
    )


def _walk(conn: Connection, wanted: Wanted, before: Spot, limit: int) -> Found:
    """Window after window of ids, until there are enough rows or enough was looked at."""
    start, number, last = before
    found: list[Row[Any]] = []
    left = EXAMINED
    # The dispatch in hand is met again: its other deliveries follow.
    passed = dispatches.find(conn, wanted, (start, number + 1), _PASSED)
    for row in passed:
        last = last if row.id == number else 0
        end = _last_delivery(conn, row.id)
        while last < end:
            if not left or len(found) == limit:
                return Found(found, (row.start_at, row.id, last))
            window = (last, min(last + left, end))
            rows = _window(conn, row, wanted, window, limit - len(found))
            reached = rows[-1].id if len(rows) == limit - len(found) else window[1]
            found += rows
            left, last = left - (reached - last), reached
    more = len(passed) == _PASSED
    return Found(found, (passed[-1].start_at, passed[-1].id, last) if more else None)


def _last_delivery(conn: Connection, dispatch_id: int) -> int:
    """Ids of a dispatch's deliveries are 1, 2, 3, … up to this."""
    query = select(expansion.c.next_delivery).where(expansion.c.dispatch_id == dispatch_id)
    return int(conn.scalar(query) or 1) - 1


def _window(
    conn: Connection, row: Row[Any], wanted: Wanted, window: tuple[int, int], limit: int
) -> list[Row[Any]]:
    return list(conn.execute(window_query(conn, Place(row.id, row.part), wanted, window, limit)))


def window_query(
    conn: Connection, spot: Place, wanted: Wanted, window: tuple[int, int], limit: int
) -> Select[Any]:
    """A dispatch's deliveries of ids above the first and up to the second number."""
    leaf = leaves.delivery_leaf(conn, spot.part)
    return (
        select(leaf)
        .where(leaf.c.part == spot.part, leaf.c.dispatch_id == spot.dispatch)
        .where(leaf.c.id > window[0], leaf.c.id <= window[1], *_standing(leaf, wanted))
        .order_by(leaf.c.id)
        .limit(limit)
    )


def _standing(table: FromClause, wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What must hold of a delivery. Of people's it is not told whether they have seen it: they
    are found as arrived on the carrier's word (``domain.discretion``)."""
    person = table.c.target_kind == int(TargetKind.ADDRESS)
    if wanted.outcomes:
        seen = person & (table.c.status == int(Status.SEEN))
        shown = case((seen, int(Status.DELIVERED)), else_=table.c.status)
        yield shown.in_(wanted.outcomes)
    if wanted.evidence:
        carrier = int(Evidence.CARRIER)
        hidden = person & or_(table.c.status == int(Status.SEEN), table.c.evidence > carrier)
        yield case((hidden, carrier), else_=table.c.evidence).in_(wanted.evidence)
    if wanted.channel:
        yield table.c.channel == wanted.channel
