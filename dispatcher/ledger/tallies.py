"""Numbers without counting: deltas written with every change, rolled up by tick."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, text, union_all

from dispatcher.domain.status import Reason, Status
from dispatcher.ledger.tables import tally, tally_delta


@dataclass(frozen=True, slots=True)
class Count:
    """How many deliveries of a channel stand so, and the parts they were billed."""

    channel: str
    status: Status
    reason: Reason
    count: int
    parts: int


def read(conn: Connection, dispatch_id: int) -> list[Count]:
    """The standing of a dispatch now, from the roll-up and what came since."""
    columns = ("channel", "status", "reason", "count", "parts")
    both = union_all(
        *(
            select(*(table.c[name] for name in columns)).where(table.c.dispatch_id == dispatch_id)
            for table in (tally, tally_delta)
        )
    ).subquery()
    query = (
        select(
            both.c.channel,
            both.c.status,
            both.c.reason,
            func.sum(both.c.count).label("total"),
            func.sum(both.c.parts).label("parts"),
        )
        .group_by(both.c.channel, both.c.status, both.c.reason)
        .order_by(both.c.channel, both.c.status, both.c.reason)
    )
    return [
        Count(row.channel, Status(row.status), Reason(row.reason), int(row.total), int(row.parts))
        for row in conn.execute(query)
        if row.total
    ]


_ADD = """
INSERT INTO tally (dispatch_id, channel, status, reason, count, parts)
VALUES (:dispatch_id, :channel, :status, :reason, :count, :parts)
ON CONFLICT (dispatch_id, channel, status, reason)
DO UPDATE SET count = tally.count + excluded.count, parts = tally.parts + excluded.parts
"""


def roll_up(conn: Connection, limit: int = 5_000) -> int:
    """Fold the oldest deltas into the tally; return how many."""
    columns = (tally_delta.c.dispatch_id, tally_delta.c.channel, tally_delta.c.status)
    oldest = (
        select(tally_delta.c.id)
        .order_by(tally_delta.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(conn.scalars(oldest))
    if not ids:
        return 0
    chosen = tally_delta.c.id.in_(ids)
    sums = conn.execute(
        select(
            *columns,
            tally_delta.c.reason,
            func.sum(tally_delta.c.count).label("count"),
            func.sum(tally_delta.c.parts).label("parts"),
        )
        .where(chosen)
        .group_by(*columns, tally_delta.c.reason)
        .order_by(*columns, tally_delta.c.reason)
    ).mappings()
    rows = [dict(row) for row in sums]
    conn.execute(text(_ADD), rows)
    conn.execute(delete(tally_delta).where(chosen))
    return len(ids)
