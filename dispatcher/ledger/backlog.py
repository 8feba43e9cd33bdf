"""Batches as others see them: who holds what, what vanished, what waits."""

from typing import Any

from sqlalchemy import Connection, Select, select, text, update

from dispatcher.ledger.batches import DONE, LEASED, READY, Claim, as_left
from dispatcher.ledger.store import NOW, db_now
from dispatcher.ledger.tables import batch, expansion


def held(conn: Connection, dispatch_id: int) -> list[tuple[str, int, int, frozenset[int]]]:
    """Ranges and ids under a live lease: their holder alone writes them."""
    rows = conn.execute(
        text(
            "SELECT channel, lo, hi, id FROM batch WHERE dispatch_id = :dispatch AND state = 1 "  # noqa: S608
            f"AND lease_until >= {NOW[conn.dialect.name]}"
        ),
        {"dispatch": dispatch_id},
    ).all()
    lists = {
        row.id: frozenset(row.ids or ())
        for row in conn.execute(
            select(batch.c.id, batch.c.ids).where(
                batch.c.dispatch_id == dispatch_id, batch.c.id.in_([row.id for row in rows])
            )
        )
    }
    return [(row.channel, row.lo, row.hi, lists.get(row.id, frozenset())) for row in rows]


def gathered(conn: Connection, claimed: Claim) -> set[int]:
    """Deliveries that other open batches of the dispatch list: retries cut since."""
    lists = conn.scalars(
        select(batch.c.ids).where(
            batch.c.dispatch_id == claimed.place.dispatch,
            batch.c.id != claimed.batch,
            batch.c.state < DONE,
            batch.c.ids.is_not(None),
        )
    )
    return {each for ids in lists for each in ids}


def vanished(conn: Connection, dispatch_id: int) -> list[Claim]:
    """Batches whose holder let the lease run out, as they were left."""
    return _left(conn, _taken(dispatch_id).where(batch.c.lease_until < db_now()))


def taken(conn: Connection, dispatch_id: int) -> list[Claim]:
    """All batches that somebody holds, or held when a backup was made, as they stand."""
    return _left(conn, _taken(dispatch_id))


def _taken(dispatch_id: int) -> Select[Any]:
    return select(
        batch, batch.c.route_id.label("former_route"), batch.c.count.label("deliveries")
    ).where(batch.c.dispatch_id == dispatch_id, batch.c.state == LEASED)


def _left(conn: Connection, query: Select[Any]) -> list[Claim]:
    rows = conn.execute(query.order_by(batch.c.id).with_for_update()).all()
    return [as_left(conn, row) for row in rows]


def lay_down(conn: Connection, dispatch_id: int) -> None:
    """Take all batches of a dispatch out of whatever hands they are in; they wait as they are."""
    conn.execute(
        update(batch)
        .where(batch.c.dispatch_id == dispatch_id, batch.c.state == LEASED)
        .values(state=READY, lease_until=0, holder="", epoch=batch.c.epoch + 1)
    )


def abandon(conn: Connection, dispatch_id: int) -> bool:
    """Nothing of this dispatch is to be sent any more.

    False while a holder is at work: he finds out at his next intent, and tells what he has sent.
    """
    conn.execute(
        update(batch)
        .where(batch.c.dispatch_id == dispatch_id, batch.c.state < DONE)
        .where((batch.c.state == READY) | (batch.c.lease_until < db_now()))
        .values(state=DONE, lease_until=0, epoch=batch.c.epoch + 1)
    )
    held_yet = select(batch.c.id).where(batch.c.dispatch_id == dispatch_id, batch.c.state == LEASED)
    return conn.execute(held_yet.limit(1)).first() is None


def lanes_waiting(conn: Connection) -> list[int]:
    """Lanes in which something is due and held by nobody."""
    rows = conn.execute(
        text(
            "SELECT DISTINCT b.lane FROM batch b JOIN dispatch d ON d.id = b.dispatch_id "  # noqa: S608
            "WHERE b.state < 2 AND d.state = 'running' "
            f"AND b.due_at <= {NOW[conn.dialect.name]} "
            f"AND (b.state = 0 OR b.lease_until < {NOW[conn.dialect.name]}) ORDER BY b.lane"
        )
    )
    return [row[0] for row in rows]


def void_leases(conn: Connection) -> None:
    """No former process lives (SQLite has one): whoever held something holds it no more."""
    conn.execute(update(batch).where(batch.c.state == LEASED).values(lease_until=0))
    conn.execute(update(expansion).values(lease_until=0))
