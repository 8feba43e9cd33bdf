"""Closing a dispatch: its counts enter the log, so that nothing can be dropped from the end."""

from sqlalchemy import Connection, func, insert, select

from dispatcher.ledger import dispatches, pages
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
    return {
        channel: {status.word: count for status, count in row.items() if count}
        for channel, row in dispatches.counts(conn, place).items()
    }
