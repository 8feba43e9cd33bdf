"""Closing a dispatch: its counts enter the log, so that nothing can be dropped from the end."""

from sqlalchemy import Connection, func, insert, select

from dispatcher.ledger import leaves, pages, tallies
from dispatcher.ledger.tables import seal
from dispatcher.ledger.transition import Place


def close(conn: Connection, place: Place, now: int) -> int:
    """Write the dispatch's next seal; return its number. Words that come later bring another."""
    number = 1 + (
        conn.scalar(select(func.max(seal.c.number)).where(seal.c.dispatch_id == place.dispatch))
        or 0
    )
    counts = _counts(conn, place)
    page_id = pages.record(
        conn,
        "seal",
        f"dispatch:{place.dispatch}",
        actor=0,
        at=now,
        facts={"number": number, "counts": counts},
        dispatch=place.dispatch,
    )
    conn.execute(
        insert(seal).values(
            dispatch_id=place.dispatch,
            number=number,
            page_id=page_id,
            counts=counts,
            created_at=now,
        )
    )
    return number


def stale(conn: Connection, place: Place) -> bool:
    """Whether the dispatch's counts have moved since its last seal."""
    last = conn.execute(
        select(seal.c.counts)
        .where(seal.c.dispatch_id == place.dispatch)
        .order_by(seal.c.number.desc())
        .limit(1)
    ).scalar_one_or_none()
    return bool(last != _counts(conn, place))


def _counts(conn: Connection, place: Place) -> dict[str, dict[str, int]]:
    counts: dict[str, dict[str, int]] = {}
    for each in tallies.read(conn, place.dispatch):
        row = counts.setdefault(each.channel, {})
        row[each.status.word] = row.get(each.status.word, 0) + each.count
    return counts


def freeze(conn: Connection, place: Place) -> None:
    """Let nobody change a delivery of this leaf until the transaction ends.

    A change that is under way could otherwise commit after the count and be sealed before it.
    Take it before any row: it waits for writers, and they for it. SQLite has one writer anyway.
    """
    if conn.dialect.name == "postgresql":
        leaf = leaves.delivery_leaf(conn, place.part).name
        conn.exec_driver_sql(f"LOCK TABLE {leaf} IN EXCLUSIVE MODE")
