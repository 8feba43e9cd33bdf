"""Letting go of exported pages and deliveries, so that the tree over them still stands.

What goes is what deliveries lived through. Acts stay, with all that people answer for, and so do
leaves and tiles, dispatches with their seals, versions and approvals.
"""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    text,
)

from dispatcher.domain.status import Status
from dispatcher.ledger import leaves, page_leaves, pages
from dispatcher.ledger.receipts import NEW
from dispatcher.ledger.tables import (
    act,
    attempt,
    delivery,
    dispatch,
    leaf,
    page,
    page_open,
    receipt,
    retirement,
    seal,
    tally,
)

#: Rows in memory at a time.
_AT_ONCE = 500

_NO_ACT = ~exists().where(act.c.page_id == page.c.id)


@dataclass(frozen=True, slots=True)
class Span:
    """Pages from ``first`` to ``last``, both included. Empty when the last is below the first."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Going:
    """What a span lets go of. ``gone``: SHA-256 over the pages' leaf hashes along the log."""

    pages: int
    entries: int
    gone: str
    dispatches: tuple[int, ...]


def ready(conn: Connection, before: int, channels: Collection[str]) -> Span:
    """The longest span of pages written before a moment (epoch ms) that nothing holds.

    It goes on where the last one ended. Whatever belongs to a dispatch that is not finished,
    sealed and out of its receipt windows holds it, and a dispatch goes whole or not at all.
    ``channels``: those that bring receipts. On PostgreSQL a span ends with a partition.
    """
    span = _longest(conn, before, channels)
    _hold_still(conn, span)
    still = _longest(conn, before, channels) == span
    return span if still else Span(span.first, span.first - 1)


def _hold_still(conn: Connection, span: Span) -> None:
    """Wait for whoever still writes into the span's partitions; SQLite has one writer anyway."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL lock_timeout = '10s'")
        for name, _ in page_leaves.names(span.first, span.last):
            conn.exec_driver_sql(f"LOCK TABLE {name} IN SHARE MODE")


def _longest(conn: Connection, before: int, channels: Collection[str]) -> Span:
    first = 1 + (conn.scalar(select(func.max(retirement.c.last_page))) or 0)
    last = _bound(conn, first, _limit(conn, before))
    lives, holding = _lives(conn, first), set(conn.scalars(_holding(channels)))
    while held := [
        row.low
        for row in lives
        if row.low <= last and (row.high > last or row.dispatch_id in holding)
    ]:
        last = _bound(conn, first, min(held) - 1)
    return Span(first, last)


def _bound(conn: Connection, first: int, last: int) -> int:
    return page_leaves.bound(conn, first, last) if conn.dialect.name == "postgresql" else last


def _limit(conn: Connection, before: int) -> int:
    """The last page below everything that is younger, or that waits for the sealer."""
    young = conn.scalar(select(func.min(page.c.id)).where(page.c.created_at >= before))
    waiting = conn.scalar(select(func.min(page_open.c.page_id)))
    ends = [each - 1 for each in (young, waiting) if each is not None]
    return min(ends) if ends else pages.last_id(conn)


def _lives(conn: Connection, first: int) -> list[Row[Any]]:
    """Dispatches with the first and last page of their deliveries."""
    low, high = func.min(page.c.id).label("low"), func.max(page.c.id).label("high")
    query = select(page.c.dispatch_id, low, high).where(page.c.id >= first, _NO_ACT)
    return list(conn.execute(query.group_by(page.c.dispatch_id)))


def _holding(channels: Collection[str]) -> Any:
    """Dispatches that are not over: not finished, not sealed since, or still listening."""
    own = tally.c.dispatch_id == dispatch.c.id
    awaited = exists().where(
        own,
        tally.c.status == int(Status.ACCEPTED),
        tally.c.count > 0,
        tally.c.channel.in_(channels),
    )
    words = exists().where(receipt.c.dispatch_id == dispatch.c.id, receipt.c.state == NEW)
    last_seal = (
        select(func.max(seal.c.page_id))
        .where(seal.c.dispatch_id == dispatch.c.id)
        .scalar_subquery()
    )
    moved = exists().where(page.c.dispatch_id == dispatch.c.id, page.c.id > last_seal, _NO_ACT)
    return select(dispatch.c.id).where(
        or_(dispatch.c.finished_at.is_(None), last_seal.is_(None), awaited, words, moved)
    )


def leaving(conn: Connection, span: Span) -> Iterator[Row[Any]]:
    """The pages that a span lets go of, along the log, without their bodies."""
    query = (
        select(page.c.id, page.c.count.label("entries"), page.c.dispatch_id, leaf.c.digest)
        .join(leaf, leaf.c.page_id == page.c.id)
        .where(page.c.id.between(span.first, span.last), _NO_ACT)
        .order_by(leaf.c.position)
    )
    return iter(conn.execute(query, execution_options={"yield_per": _AT_ONCE}))


def going(conn: Connection, span: Span) -> Going:
    """What retiring a span takes away."""
    count = entries = 0
    hashed, dispatches = hashlib.sha256(), set()
    for row in leaving(conn, span):
        count, entries = count + 1, entries + row.entries
        hashed.update(bytes(row.digest))
        dispatches.add(row.dispatch_id)
    return Going(count, entries, hashed.hexdigest(), tuple(sorted(dispatches)))


def enter(
    conn: Connection, span: Span, going: Going, *, bundle: bytes, why: str, actor: int, at: int
) -> None:
    """Say in the log what goes, before it does. ``bundle``: SHA-256 of its manifest."""
    row = {"first_page": span.first, "last_page": span.last, "bundle": bundle}
    row |= {"entries": going.entries, "by": actor, "at": at}
    statement = insert(retirement).values(row).returning(retirement.c.id)
    number = conn.execute(statement).scalar_one()
    facts = {
        "first_page": span.first,
        "last_page": span.last,
        "bundle": bundle.hex(),
        "pages": going.pages,
        "entries": going.entries,
        "deliveries": _count(conn, going.dispatches),
        "gone": going.gone,
        "why": why,
    }
    pages.record(conn, "retire", f"retirement:{number}", actor=actor, at=at, facts=facts)


def _count(conn: Connection, dispatches: Sequence[int]) -> int:
    return sum(
        conn.scalar(select(func.count()).where(_of(delivery, row))) or 0
        for row in _rows(conn, dispatches)
    )


def _rows(conn: Connection, dispatches: Sequence[int]) -> Iterator[Row[Any]]:
    query: Select[Any] = select(dispatch.c.id, dispatch.c.part)
    for number in dispatches:
        yield from conn.execute(query.where(dispatch.c.id == number))


def _of(table: Any, row: Row[Any]) -> ColumnElement[bool]:
    own: ColumnElement[bool] = (table.c.part == row.part) & (table.c.dispatch_id == row.id)
    return own


def let_go(conn: Connection, span: Span, going: Going) -> None:
    """Take the span's deliveries and pages away; its act must have been entered."""
    for row in _rows(conn, going.dispatches):
        _empty(conn, row)
        conn.execute(delete(receipt).where(receipt.c.dispatch_id == row.id))
    if conn.dialect.name == "postgresql":
        _exchange(conn, span)
    else:
        conn.execute(delete(page).where(page.c.id.between(span.first, span.last), _NO_ACT))


def _empty(conn: Connection, row: Row[Any]) -> None:
    """A leaf of its own is emptied at once and stays: whoever looks there finds nothing."""
    for base, own in ((delivery, leaves.delivery_leaf), (attempt, leaves.attempt_leaf)):
        table = own(conn, row.part)
        if table is not base and leaves.owned(row.part):
            conn.exec_driver_sql(f"TRUNCATE {table.name}")
        else:
            conn.execute(delete(table).where(_of(table, row)))


def _exchange(conn: Connection, span: Span) -> None:
    """Put a partition that holds the acts alone in the place of each of the span's.

    Nobody changes a partition that is full: it is copied first, and the log is held up only for
    the moment of the exchange.
    """
    for name, number in page_leaves.names(span.first, span.last):
        conn.exec_driver_sql(f"CREATE TABLE {name}_acts (LIKE page INCLUDING ALL)")
        conn.exec_driver_sql(
            f"INSERT INTO {name}_acts SELECT p.* FROM {name} p "  # noqa: S608
            "WHERE EXISTS (SELECT 1 FROM act a WHERE a.page_id = p.id)"
        )
        conn.exec_driver_sql(f"ALTER TABLE page DETACH PARTITION {name}")
        conn.exec_driver_sql(f"DROP TABLE {name}")
        conn.exec_driver_sql(f"ALTER TABLE {name}_acts RENAME TO {name}")
        conn.execute(text("SELECT attach_page_leaf(:name, :n)"), {"name": name, "n": number})
