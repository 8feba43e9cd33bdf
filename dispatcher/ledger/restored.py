"""The stop of everything after a restore: only reconciling takes it back."""

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.ledger.tables import stop

#: The reason of that stop, and its mark.
WHY = "restored: sổ nhật ký đã lùi lại sau khôi phục; cần đối chiếu bằng loa audit reconcile"

_ALL = "all"


def held(conn: Connection) -> bool:
    """Whether everything is held because the log went back in time."""
    by_us = select(stop.c.why).where(stop.c.scope == _ALL, stop.c.set_by.is_(None))
    return conn.scalar(by_us) == WHY


def hold(conn: Connection, at: int) -> None:
    """Stop everything; a stop that a person has set gives way to this one."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    values = {"why": WHY, "set_by": None, "set_at": at}
    conn.execute(
        dialect(stop)
        .values(scope=_ALL, **values)
        .on_conflict_do_update(index_elements=["scope"], set_=values)
    )


def release(conn: Connection) -> None:
    """Take the stop back, if it is this one."""
    conn.execute(delete(stop).where(stop.c.scope == _ALL, stop.c.why == WHY))
