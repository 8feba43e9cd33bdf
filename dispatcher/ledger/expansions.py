"""Turning an audience into deliveries, chunk by chunk, with set-based SQL.

Cursor, deliveries, batches, pages and tally of one chunk commit together, so that a worker killed
in between leaves nothing half done and the next one goes on from the cursor.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select, text, update

from dispatcher.domain.model import LANES, AddressKind, Level, Traits
from dispatcher.domain.personal import heeds_opt_out
from dispatcher.domain.status import Reason, Status
from dispatcher.ledger import batches, daily_caps, entries, leaves, pages
from dispatcher.ledger.audiences import Condition
from dispatcher.ledger.daily_caps import Quota
from dispatcher.ledger.store import NOW
from dispatcher.ledger.tables import agency, bulletin, dispatch, expansion, kind, version
from dispatcher.ledger.transition import Place, write_deltas

#: Contacts per chunk: about 50 ms of transaction for two channels.
CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Lot:
    """An expansion in our hands: where it stands and what it is for."""

    place: Place
    epoch: int
    stage: int
    cursor: int
    max_contact: int
    agency: int
    agency_path: str
    lane: int
    level: str
    mode: str
    plan: Mapping[str, Any]
    quota: Quota


_TAKE = """
UPDATE expansion SET epoch = epoch + 1, lease_until = {now} + :lease
WHERE dispatch_id = (
  SELECT e.dispatch_id FROM expansion e JOIN dispatch d ON d.id = e.dispatch_id
  WHERE e.done_at IS NULL AND e.lease_until < {now} AND d.state = 'running'
    AND NOT EXISTS (SELECT 1 FROM stop s WHERE s.scope IN (
      'all', 'agency:' || d.agency_id, 'dispatch:' || d.id))
  ORDER BY CASE d.level WHEN 'emergency' THEN 0 WHEN 'priority' THEN 1 ELSE 2 END, d.id
  LIMIT 1 {lock})
RETURNING dispatch_id, epoch, stage, cursor
"""


def claim(conn: Connection, lease_ms: int) -> Lot | None:
    """Take the most urgent dispatch that is not fully expanded, or None."""
    lock = "FOR UPDATE OF e SKIP LOCKED" if conn.dialect.name == "postgresql" else ""
    taken = conn.execute(
        text(_TAKE.format(now=NOW[conn.dialect.name], lock=lock)), {"lease": lease_ms}
    ).one_or_none()
    if taken is None:
        return None
    row = conn.execute(
        select(dispatch, agency.c.path, kind.c.code, kind.c.rules)
        .join(agency, agency.c.id == dispatch.c.agency_id)
        .join(version, version.c.id == dispatch.c.version_id)
        .join(bulletin, bulletin.c.id == version.c.bulletin_id)
        .join(kind, kind.c.code == bulletin.c.kind)
        .where(dispatch.c.id == taken.dispatch_id)
    ).one()
    return Lot(
        place=Place(row.id, row.part),
        epoch=taken.epoch,
        stage=taken.stage,
        cursor=taken.cursor,
        max_contact=row.max_contact_id,
        agency=row.agency_id,
        agency_path=row.path,
        lane=LANES.index(Level(row.level)),
        level=row.level,
        mode=row.mode,
        plan=row.plan,
        quota=Quota(row.code, row.rules["daily_cap"] if row.level == Level.NORMAL else 0),
    )


def chunk_end(conn: Connection, lot: Lot, who: Condition) -> int | None:
    """The id of the last contact of the next chunk, or None when there is nobody left."""
    query = text(
        "SELECT max(id) FROM (SELECT c.id FROM contact c WHERE c.id > :after AND c.id <= :last "  # noqa: S608
        f"AND c.removed_at IS NULL AND ({who.sql}) ORDER BY c.id LIMIT :chunk) chunk"
    )
    scope = {"after": lot.cursor, "last": lot.max_contact, "chunk": CHUNK}
    last: int | None = conn.scalar(query, {**scope, **who.params})
    return last


#: Which of the page numbers taken for this chunk a row's first entry goes to.
_PAGE = {
    "postgresql": "(CAST(:page AS bigint[]))[1 + (seq - 1) / 500]",
    "sqlite": ":page + (seq - 1) / 500",
}

#: What one address may be refused for, before anything is sent. ``heeds``: what
#: ``personal.heeds_opt_out`` says of the level. Nothing passes a synthetic person on a live route.
_PEOPLE = """
INSERT INTO {leaf} (part, dispatch_id, id, step, channel, target_kind, target_id, contact_id, lang,
  status, reason, evidence, attempt, n, page_id, parts, word_at, updated_at)
SELECT :part, :dispatch, :base + seq, :step, :channel, 1, target, contact_id, lang,
  CASE WHEN why = 0 THEN 0 ELSE 9 END, why, 0, 1, 0, {page}, 0, 0, :now
FROM (
  SELECT row_number() OVER (ORDER BY c.id) AS seq, coalesce(a.id, -c.id) AS target,
    c.id AS contact_id, c.lang,
    CASE WHEN a.id IS NULL THEN {no_address}
      WHEN a.sealed IS NULL THEN {erased}
      WHEN :mode = 'live' AND a.synthetic THEN {synthetic}
      WHEN :heeds AND EXISTS (
        SELECT 1 FROM opt_out o WHERE o.address_id = a.id AND o.channel IN (:channel, '*'))
        THEN {opted_out}
      WHEN :cap > 0 AND EXISTS (
        SELECT 1 FROM daily_count q WHERE q.address_id = a.id AND q.channel = :channel
          AND q.kind = :kind AND q.day = :day AND q.count >= :cap)
        THEN {daily_cap}
      ELSE 0 END AS why
  FROM contact c LEFT JOIN address a ON a.id = c.{column}
  WHERE c.id > :after AND c.id <= :last AND c.removed_at IS NULL AND ({who})
) found
ORDER BY seq
ON CONFLICT DO NOTHING
"""

_COLUMN = {
    AddressKind.PHONE: "phone_id",
    AddressKind.EMAIL: "email_id",
    AddressKind.ZALO: "zalo_id",
}


def people(
    conn: Connection, lot: Lot, traits: Traits, who: Condition, *, last: int, size: int, now: int
) -> int:
    """Cut one chunk of contacts into deliveries of one channel; return how many were born."""
    if traits.address is None:
        raise ValueError(f"{traits.channel} does not address people")
    statement = _PEOPLE.format(
        leaf=leaves.delivery_leaf(conn, lot.place.part).name,
        page=_PAGE[conn.dialect.name],
        column=_COLUMN[traits.address],
        who=who.sql,
        no_address=int(Reason.NO_ADDRESS),
        erased=int(Reason.ERASED),
        synthetic=int(Reason.SYNTHETIC),
        opted_out=int(Reason.OPTED_OUT),
        daily_cap=int(Reason.DAILY_CAP),
    )
    params = {
        "cap": lot.quota.cap,
        "kind": lot.quota.kind,
        "day": daily_caps.day(now),
        "after": lot.cursor,
        "last": last,
        "mode": lot.mode,
        "heeds": heeds_opt_out(Level(lot.level)),
    }
    born = _born(
        conn, lot, traits, statement, {**params, **who.params}, most=CHUNK, size=size, now=now
    )
    if lot.quota.cap and born:
        daily_caps.count(conn, lot.place, lot.quota, traits.channel, newest=born, now=now)
    return born


_SPEAKERS = """
INSERT INTO {leaf} (part, dispatch_id, id, step, channel, target_kind, target_id, contact_id, lang,
  status, reason, evidence, attempt, n, page_id, parts, word_at, updated_at)
SELECT :part, :dispatch, :base + seq, :step, :channel, 2, id, NULL, 'vi',
  CASE WHEN :mode = 'live' AND synthetic THEN 9 ELSE 0 END,
  CASE WHEN :mode = 'live' AND synthetic THEN {synthetic} ELSE 0 END,
  0, 1, 0, {page}, 0, 0, :now
FROM (
  SELECT row_number() OVER (ORDER BY s.id) AS seq, s.id, s.synthetic
  FROM speaker s JOIN station t ON t.id = s.station_id
  WHERE s.id > :after AND s.removed_at IS NULL AND ({who}) ORDER BY s.id LIMIT :chunk
) found
ORDER BY seq
ON CONFLICT DO NOTHING
"""


def speakers(
    conn: Connection, lot: Lot, traits: Traits, who: Condition, *, size: int, now: int
) -> int:
    """All loudspeaker clusters of the audience (a province has thousands, not millions)."""
    statement = _SPEAKERS.format(
        leaf=leaves.delivery_leaf(conn, lot.place.part).name,
        page=_PAGE[conn.dialect.name],
        who=who.sql,
        synthetic=int(Reason.SYNTHETIC),
    )
    params = {"after": 0, "chunk": 100_000, "mode": lot.mode}
    return _born(
        conn, lot, traits, statement, {**params, **who.params}, most=100_000, size=size, now=now
    )


_ORDERS = """
INSERT INTO {leaf} (part, dispatch_id, id, step, channel, target_kind, target_id, contact_id, lang,
  status, reason, evidence, attempt, n, page_id, parts, word_at, updated_at)
SELECT :part, :dispatch, :base + seq, :step, :channel, 3, id, NULL, 'vi', 0, 0, 0, 1, 0,
  {page}, 0, 0, :now
FROM (
  SELECT row_number() OVER (ORDER BY o.id) AS seq, o.id FROM carrier_order o
  JOIN route r ON r.id = o.route_id WHERE o.dispatch_id = :dispatch AND r.channel = :channel
) found
ORDER BY seq
ON CONFLICT DO NOTHING
"""


def orders(conn: Connection, lot: Lot, traits: Traits, *, size: int, now: int) -> int:
    """One delivery for each carrier order of the dispatch."""
    statement = _ORDERS.format(
        leaf=leaves.delivery_leaf(conn, lot.place.part).name, page=_PAGE[conn.dialect.name]
    )
    return _born(conn, lot, traits, statement, {}, most=entries.MAX_ENTRIES, size=size, now=now)


def _born(
    conn: Connection,
    lot: Lot,
    traits: Traits,
    statement: str,
    params: Mapping[str, object],
    *,
    most: int,
    size: int,
    now: int,
) -> int:
    """Run one INSERT … SELECT and write what follows from it: pages, batches, tally."""
    base = conn.execute(
        text("SELECT next_delivery FROM expansion WHERE dispatch_id = :id"),
        {"id": lot.place.dispatch},
    ).scalar_one()
    page_ids = pages.next_ids(conn, -(-most // entries.MAX_ENTRIES))
    postgresql = conn.dialect.name == "postgresql"
    fixed = {
        "part": lot.place.part,
        "dispatch": lot.place.dispatch,
        "base": base - 1,
        "step": 0,
        "channel": traits.channel,
        "page": page_ids if postgresql else page_ids[0],
        "now": now,
    }
    conn.execute(text(statement), {**fixed, **params})
    rows = _read_back(conn, lot.place, base)
    _write_pages(conn, lot, rows, now)
    _write_batches(conn, lot, traits, rows, size, now)
    counts = Counter((traits.channel, row.status, row.reason) for row in rows)
    write_deltas(conn, lot.place.dispatch, counts, Counter())
    if rows:
        _advance_ids(conn, lot.place.dispatch, rows[-1].id + 1)
    return len(rows)


_READ_BACK = """
SELECT d.id, d.step, d.channel, d.target_kind, d.target_id, coalesce(d.contact_id, 0) AS contact,
  d.status, d.reason, d.page_id, a.digest
FROM {leaf} d LEFT JOIN address a ON d.target_kind = 1 AND a.id = d.target_id
WHERE d.part = :part AND d.dispatch_id = :dispatch AND d.id >= :base ORDER BY d.id
"""


def _read_back(conn: Connection, place: Place, base: int) -> Sequence[Row[Any]]:
    statement = _READ_BACK.format(leaf=leaves.delivery_leaf(conn, place.part).name)
    return conn.execute(
        text(statement), {"part": place.part, "dispatch": place.dispatch, "base": base}
    ).all()


def _write_pages(conn: Connection, lot: Lot, rows: Sequence[Row[Any]], now: int) -> None:
    by_page: dict[int, list[bytes]] = {}
    for row in rows:
        by_page.setdefault(row.page_id, []).append(
            entries.birth(
                lot.place.dispatch,
                row.id,
                step=row.step,
                channel=row.channel,
                target=(row.target_kind, row.target_id),
                contact=row.contact,
                state=(row.status, row.reason),
                at=now,
                address_digest=row.digest or b"",
            )
        )
    for page_id, items in by_page.items():
        pages.write(conn, page_id, lot.place.dispatch, now, items)


def _write_batches(
    conn: Connection, lot: Lot, traits: Traits, rows: Sequence[Row[Any]], size: int, now: int
) -> None:
    waiting = [row.id for row in rows if row.status == Status.PENDING]
    cut = [waiting[start : start + size] for start in range(0, len(waiting), size)]
    batches.add(
        conn,
        lot.place.dispatch,
        [
            batches.NewBatch(
                channel=traits.channel,
                step=0,
                lane=lot.lane,
                agency=lot.agency,
                due_at=now,
                lo=ids[0],
                hi=ids[-1],
                count=len(ids),
            )
            for ids in cut
        ],
    )


def _advance_ids(conn: Connection, dispatch_id: int, following: int) -> None:
    conn.execute(
        update(expansion)
        .where(expansion.c.dispatch_id == dispatch_id)
        .values(next_delivery=following)
    )


def advance(conn: Connection, lot: Lot, *, stage: int, cursor: int, done_at: int | None) -> bool:
    """Move the cursor; False when the lease was lost: undo the transaction."""
    result = conn.execute(
        update(expansion)
        .where(expansion.c.dispatch_id == lot.place.dispatch, expansion.c.epoch == lot.epoch)
        .values(stage=stage, cursor=cursor, done_at=done_at)
    )
    return result.rowcount == 1


def release(conn: Connection, lot: Lot) -> None:
    """Let others go on at once."""
    conn.execute(
        update(expansion)
        .where(expansion.c.dispatch_id == lot.place.dispatch, expansion.c.epoch == lot.epoch)
        .values(lease_until=0)
    )


def close(conn: Connection, dispatch_id: int, now: int) -> None:
    """Cut nothing more. Whoever is cutting finds its epoch gone, and its chunk undone."""
    conn.execute(
        update(expansion)
        .where(expansion.c.dispatch_id == dispatch_id, expansion.c.done_at.is_(None))
        .values(done_at=now, epoch=expansion.c.epoch + 1)
    )


def waiting(conn: Connection) -> bool:
    """Whether a running dispatch is not fully expanded and in nobody's hands."""
    statement = (
        "SELECT 1 FROM expansion e JOIN dispatch d ON d.id = e.dispatch_id "  # noqa: S608
        f"WHERE e.done_at IS NULL AND e.lease_until < {NOW[conn.dialect.name]} "
        "AND d.state = 'running' LIMIT 1"
    )
    return conn.execute(text(statement)).first() is not None
