"""Small rows that operators and the engine's clock work with: leases, stops, alarms, marks."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain.alarms import Alarm
from dispatcher.ledger.store import NOW, db_now
from dispatcher.ledger.tables import alarm, meta, stop


def now(conn: Connection) -> int:
    """The database's clock, epoch ms."""
    return int(conn.execute(select(db_now())).scalar_one())


_LEASE = """
INSERT INTO lease (name, holder, until) VALUES (:name, :holder, {now} + :ms)
ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
WHERE lease.until < {now} OR lease.holder = excluded.holder
"""


def lease(conn: Connection, name: str, holder: str, ms: int) -> bool:
    """Take or keep a named lease; False while somebody else has it."""
    statement = text(_LEASE.format(now=NOW[conn.dialect.name]))
    return conn.execute(statement, {"name": name, "holder": holder, "ms": ms}).rowcount == 1


def get_mark(conn: Connection, key: str) -> str | None:
    return conn.scalar(select(meta.c.value).where(meta.c.key == key))


def set_mark(conn: Connection, key: str, value: str) -> None:
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    statement = dialect(meta).values(key=key, value=value)
    conn.execute(statement.on_conflict_do_update(index_elements=["key"], set_={"value": value}))


def set_stop(conn: Connection, scope: str, why: str, by: int | None, at: int) -> None:
    """Stop ``all``, ``agency:3``, ``route:2`` or ``dispatch:7``: needs nothing but the database."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    conn.execute(
        dialect(stop).values(scope=scope, why=why, set_by=by, set_at=at).on_conflict_do_nothing()
    )


def lift_stop(conn: Connection, scope: str) -> bool:
    return conn.execute(delete(stop).where(stop.c.scope == scope)).rowcount == 1


def stops(conn: Connection) -> list[Row[Any]]:
    return list(conn.execute(select(stop).order_by(stop.c.scope)))


def raise_alarm(
    conn: Connection, dispatch_id: int, code: Alarm, subject: str, words: str, at: int
) -> bool:
    """Tell people something once; False while it stands. What was cleared may come again."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    statement = dialect(alarm).values(
        dispatch_id=dispatch_id, code=code, subject=subject, words=words, raised_at=at
    )
    again = {"words": words, "raised_at": at, "cleared_at": None}
    told = statement.on_conflict_do_update(
        index_elements=["dispatch_id", "code", "subject"],
        set_=again,
        where=alarm.c.cleared_at.is_not(None),
    )
    return conn.execute(told.returning(alarm.c.id)).first() is not None


def clear_alarm(conn: Connection, dispatch_id: int, code: Alarm, subject: str, at: int) -> None:
    conn.execute(
        update(alarm)
        .where(alarm.c.dispatch_id == dispatch_id, alarm.c.code == code)
        .where(alarm.c.subject == subject, alarm.c.cleared_at.is_(None))
        .values(cleared_at=at)
    )


def standing(conn: Connection, code: Alarm) -> set[tuple[int, str]]:
    """(dispatch, subject) of every alarm of a kind that nobody has cleared."""
    query = select(alarm.c.dispatch_id, alarm.c.subject).where(
        alarm.c.code == code, alarm.c.cleared_at.is_(None)
    )
    return {(row.dispatch_id, row.subject) for row in conn.execute(query)}


def alarms(conn: Connection, dispatch_ids: Sequence[int]) -> list[Row[Any]]:
    """Alarms of these dispatches that nobody has cleared."""
    query = (
        select(alarm)
        .where(alarm.c.dispatch_id.in_(dispatch_ids), alarm.c.cleared_at.is_(None))
        .order_by(alarm.c.id)
    )
    return list(conn.execute(query))
