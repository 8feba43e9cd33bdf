"""Batches: the unit of work and the outbox. A claim is a conditional UPDATE, never a lock held.

state 0 ready, 1 leased, 2 done. A holder proves its epoch at every flush; a batch whose lease ran
out may be claimed by anybody, which raises the epoch and fences the former holder off.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from dispatcher.ledger.store import NOW
from dispatcher.ledger.tables import batch, dispatch, expansion
from dispatcher.ledger.transition import Place

READY, LEASED, DONE = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Claim:
    """A batch in our hands until ``lease_until`` (epoch ms, the database's clock).

    ``recovered``: its former holder vanished; deliveries up to ``watermark`` without an outcome
    are ambiguous. ``former_route``: the route they were sent through.
    """

    place: Place
    batch: int
    epoch: int
    channel: str
    lane: int
    step: int
    agency: int
    lo: int
    hi: int
    ids: tuple[int, ...]
    count: int
    watermark: int
    recovered: bool
    former_route: int
    route: int
    crashes: int
    lease_until: int
    version: int
    level: str
    mode: str
    drill: bool
    valid_until: int


#: No stop forbids the batch under this alias.
_UNSTOPPED = """NOT EXISTS (
    SELECT 1 FROM stop s WHERE s.scope IN (
      'all', 'agency:' || {alias}.agency_id, 'dispatch:' || {alias}.dispatch_id))"""

#: Nobody outside still has to approve what the channel of ``alias`` would carry of version ``v``.
_UNHELD = """NOT EXISTS (
    SELECT 1 FROM outside_approval o
    WHERE o.version_id = {v} AND o.channel = {alias}.channel AND o.state <> 'granted')"""

#: Something of a higher lane is due that could go by route ``r`` of agency ``owner`` as well.
_URGENT = """EXISTS (
    SELECT 1 FROM batch e
    JOIN dispatch ed ON ed.id = e.dispatch_id
    JOIN agency theirs ON theirs.id = e.agency_id
    WHERE e.state < 2 AND e.lane < {lane} AND e.channel = r.channel AND e.due_at <= {now}
      AND ed.state = 'running' AND ed.mode = r.mode
      AND (ed.valid_until = 0 OR ed.valid_until > {now})
      AND substr(theirs.path, 1, length(owner.path)) = owner.path
      AND {unstopped} AND {unheld})"""

#: A batch may be claimed when its dispatch runs, it is due, nobody holds it, no stop forbids it,
#: and a route of the right mode that its agency may use is open, below its rate and not wanted by
#: a higher lane. Among agencies, the one with the fewest in flight goes first. Routes are judged
#: once for all batches of a dispatch and channel: a campaign has thousands of them.
_CANDIDATE = """
WITH ready AS (
  SELECT b.dispatch_id, b.agency_id, b.channel, d.mode
  FROM batch b JOIN dispatch d ON d.id = b.dispatch_id
  WHERE b.state < 2 AND b.lane = :lane AND b.due_at <= {now}
    AND (b.state = 0 OR b.lease_until < {now})
    AND d.state = 'running' AND (d.valid_until = 0 OR d.valid_until > {now}) AND {unstopped}
    AND {unheld}
  GROUP BY b.dispatch_id, b.agency_id, b.channel, d.mode
), open AS (
  SELECT g.dispatch_id, g.channel, (
    SELECT r.id FROM route r
    JOIN route_health h ON h.route_id = r.id
    JOIN agency owner ON owner.id = r.agency_id
    JOIN agency mine ON mine.id = g.agency_id
    WHERE r.channel = g.channel AND r.mode = g.mode AND r.stopped_at IS NULL
      AND h.open_until <= {now} AND h.next_slot_us <= ({now} + 1000) * 1000
      AND substr(mine.path, 1, length(owner.path)) = owner.path
      AND NOT EXISTS (SELECT 1 FROM stop s WHERE s.scope = 'route:' || r.id)
      AND NOT {urgent}
    ORDER BY h.faults, r.weight DESC, r.price, r.id LIMIT 1
  ) AS route_id, (
    SELECT count(*) FROM batch f
    WHERE f.state = 1 AND f.agency_id = g.agency_id AND f.channel = g.channel
      AND f.lease_until >= {now}
  ) AS in_flight
  FROM ready g
)
SELECT b.dispatch_id, b.id, b.epoch, b.state, b.route_id AS former_route, o.route_id
FROM open o JOIN batch b ON b.dispatch_id = o.dispatch_id AND b.channel = o.channel
WHERE o.route_id IS NOT NULL AND b.state < 2 AND b.lane = :lane AND b.due_at <= {now}
  AND (b.state = 0 OR b.lease_until < {now})
ORDER BY o.in_flight, b.due_at, b.dispatch_id, b.id
LIMIT 1 {lock}
"""

_TAKE = """
UPDATE batch SET state = 1, epoch = epoch + 1, holder = :holder, route_id = :route,
    lease_until = {now} + :lease, crashes = crashes + CASE WHEN state = 1 THEN 1 ELSE 0 END
WHERE dispatch_id = :dispatch AND id = :id AND epoch = :epoch AND state < 2
RETURNING *, count AS deliveries
"""


def claim(conn: Connection, lane: int, holder: str, lease_ms: int) -> Claim | None:
    """Take the next batch of a lane, or None when nothing can be done there now."""
    postgresql = conn.dialect.name == "postgresql"
    now = NOW[conn.dialect.name]
    lock = "FOR UPDATE OF b SKIP LOCKED" if postgresql else ""
    candidate = _CANDIDATE.format(
        now=now,
        lock=lock,
        unstopped=_UNSTOPPED.format(alias="b"),
        unheld=_UNHELD.format(alias="b", v="d.version_id"),
        urgent=_urgent(":lane", now),
    )
    found = conn.execute(text(candidate), {"lane": lane}).one_or_none()
    if found is None:
        return None
    taken = conn.execute(
        text(_TAKE.format(now=now)),
        {
            "holder": holder,
            "route": found.route_id,
            "lease": lease_ms,
            "dispatch": found.dispatch_id,
            "id": found.id,
            "epoch": found.epoch,
        },
    ).one_or_none()
    return _claim(conn, taken, found) if taken else None


def _urgent(lane: str, now: str) -> str:
    return _URGENT.format(
        lane=lane,
        now=now,
        unstopped=_UNSTOPPED.format(alias="e"),
        unheld=_UNHELD.format(alias="e", v="ed.version_id"),
    )


def _claim(conn: Connection, taken: Row[Any], found: Row[Any]) -> Claim:
    parent = conn.execute(select(dispatch).where(dispatch.c.id == taken.dispatch_id)).one()
    ids = conn.scalar(
        select(batch.c.ids)
        .where(batch.c.dispatch_id == taken.dispatch_id)
        .where(batch.c.id == taken.id)
    )
    return Claim(
        place=Place(parent.id, parent.part),
        batch=taken.id,
        epoch=taken.epoch,
        channel=taken.channel,
        lane=taken.lane,
        step=taken.step,
        agency=taken.agency_id,
        lo=taken.lo,
        hi=taken.hi,
        ids=tuple(ids or ()),
        count=taken.deliveries,
        watermark=taken.watermark,
        recovered=found.state == LEASED,
        former_route=found.former_route or 0,
        route=taken.route_id,
        crashes=taken.crashes,
        lease_until=taken.lease_until,
        version=parent.version_id,
        level=parent.level,
        mode=parent.mode,
        drill=parent.drill,
        valid_until=parent.valid_until,
    )


def as_left(conn: Connection, row: Row[Any]) -> Claim:
    """A batch as its vanished holder left it. ``row``: with ``former_route`` and ``deliveries``."""
    return _claim(conn, row, row)


_INTENT = """
UPDATE batch SET watermark = :watermark
WHERE dispatch_id = :dispatch AND id = :id AND epoch = :epoch AND holder = :holder AND state = 1
  AND EXISTS (
    SELECT 1 FROM dispatch d WHERE d.id = batch.dispatch_id AND d.state = 'running'
      AND (d.valid_until = 0 OR d.valid_until > {now}) AND {unheld})
  AND NOT EXISTS (
    SELECT 1 FROM stop s WHERE s.scope IN (
      'all', 'agency:' || batch.agency_id, 'dispatch:' || batch.dispatch_id,
      'route:' || batch.route_id))
  AND NOT EXISTS (
    SELECT 1 FROM route r JOIN agency owner ON owner.id = r.agency_id
    WHERE r.id = batch.route_id AND {urgent})
"""


def intend(conn: Connection, claimed: Claim, holder: str, watermark: int) -> bool:
    """Write down that deliveries up to ``watermark`` are about to be sent.

    False: fenced off, the dispatch no longer runs, or a higher lane wants the route: send
    nothing more.
    """
    now = NOW[conn.dialect.name]
    result = conn.execute(
        text(
            _INTENT.format(
                now=now,
                unheld=_UNHELD.format(alias="batch", v="d.version_id"),
                urgent=_urgent("batch.lane", now),
            )
        ),
        {
            "watermark": watermark,
            "dispatch": claimed.place.dispatch,
            "id": claimed.batch,
            "epoch": claimed.epoch,
            "holder": holder,
        },
    )
    return result.rowcount == 1


def holds(conn: Connection, claimed: Claim, holder: str) -> bool:
    """Prove the epoch, and keep the row locked until this transaction ends."""
    result = conn.execute(
        update(batch)
        .where(batch.c.dispatch_id == claimed.place.dispatch, batch.c.id == claimed.batch)
        .where(batch.c.epoch == claimed.epoch, batch.c.holder == holder, batch.c.state == LEASED)
        .values(state=LEASED)
    )
    return result.rowcount == 1


def renew(conn: Connection, claimed: Claim, holder: str, lease_ms: int) -> bool:
    """Extend the lease; False when it is no longer ours."""
    result = conn.execute(
        text(
            f"UPDATE batch SET lease_until = {NOW[conn.dialect.name]} + :lease "  # noqa: S608
            "WHERE dispatch_id = :dispatch AND id = :id AND epoch = :epoch AND holder = :holder "
            "AND state = 1"
        ),
        {
            "lease": lease_ms,
            "dispatch": claimed.place.dispatch,
            "id": claimed.batch,
            "epoch": claimed.epoch,
            "holder": holder,
        },
    )
    return result.rowcount == 1


def finish(conn: Connection, claimed: Claim) -> None:
    """The batch has nothing left to send. Call in the transaction that proved the epoch."""
    _leave(conn, claimed, {"state": DONE, "lease_until": 0})


def give_back(conn: Connection, claimed: Claim, due_at: int) -> None:
    """Return the unsent tail to be claimed again, by whatever route is then best."""
    _leave(conn, claimed, {"state": READY, "lease_until": 0, "due_at": due_at, "holder": ""})


def _leave(conn: Connection, claimed: Claim, values: dict[str, object]) -> None:
    conn.execute(
        update(batch)
        .where(batch.c.dispatch_id == claimed.place.dispatch, batch.c.id == claimed.batch)
        .where(batch.c.epoch == claimed.epoch)
        .values(**values)
    )


@dataclass(frozen=True, slots=True)
class NewBatch:
    """A batch to be cut: either a range of delivery ids or a list of them."""

    channel: str
    step: int
    lane: int
    agency: int
    due_at: int
    lo: int
    hi: int
    count: int
    ids: Sequence[int] = ()


def add(conn: Connection, dispatch_id: int, cut: Sequence[NewBatch]) -> None:
    """Append batches to a dispatch, numbered in order."""
    if not cut:
        return
    first = conn.execute(
        update(expansion)
        .where(expansion.c.dispatch_id == dispatch_id)
        .values(next_batch=expansion.c.next_batch + len(cut))
        .returning(expansion.c.next_batch)
    ).scalar_one() - len(cut)
    conn.execute(
        insert(batch),
        [
            {
                "dispatch_id": dispatch_id,
                "id": first + offset,
                "agency_id": new.agency,
                "lane": new.lane,
                "channel": new.channel,
                "step": new.step,
                "lo": new.lo,
                "hi": new.hi,
                "ids": list(new.ids) or None,
                "count": new.count,
                "due_at": new.due_at,
                "state": READY,
                "epoch": 0,
                "holder": "",
                "lease_until": 0,
                "watermark": new.lo - 1,
                "crashes": 0,
            }
            for offset, new in enumerate(cut)
        ],
    )


def halve(conn: Connection, claimed: Claim, rest: Sequence[int], due_at: int) -> None:
    """Replace a batch that crashed twice by two halves, so that a poison recipient ends alone."""
    middle = (len(rest) + 1) // 2
    halves = [half for half in (rest[:middle], rest[middle:]) if half]
    add(
        conn,
        claimed.place.dispatch,
        [
            NewBatch(
                channel=claimed.channel,
                step=claimed.step,
                lane=claimed.lane,
                agency=claimed.agency,
                due_at=due_at,
                lo=half[0],
                hi=half[-1],
                count=len(half),
                ids=half,
            )
            for half in halves
        ],
    )
    finish(conn, claimed)
