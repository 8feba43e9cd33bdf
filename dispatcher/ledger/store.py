"""The database behind two doors: ``begin`` to change, ``read`` to look. One code path, two kinds.

SQLite has one writer: a change takes the lock at once (BEGIN IMMEDIATE) rather than fail halfway,
and is on disk when it is committed (synchronous=FULL).
"""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, Connection, Engine, create_engine, event
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from dispatcher.ledger import keyring
from dispatcher.ledger.keyring import Roots
from dispatcher.ledger.vault import Vault


class db_now(FunctionElement[int]):  # noqa: N801 - it is written as a SQL function
    """The database's own clock in epoch milliseconds: leases and due times use no other."""

    type = BigInteger()
    inherit_cache = True


@compiles(db_now, "postgresql")
def _now_postgresql(_element: db_now, _compiler: Any, **_: Any) -> str:
    return NOW["postgresql"]


@compiles(db_now, "sqlite")
def _now_sqlite(_element: db_now, _compiler: Any, **_: Any) -> str:
    return NOW["sqlite"]


#: The same clock for statements written as text. It stands still within a statement: PostgreSQL
#: compares no index with clock_timestamp(), which may differ from row to row (VOLATILE).
NOW = {
    "postgresql": "CAST(extract(epoch FROM statement_timestamp()) * 1000 AS BIGINT)",
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
}

#: The clock as it goes on while a statement waits for a row's lock: for slots that are dated by
#: whoever gets the row.
CLOCK = {
    **NOW,
    "postgresql": "CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)",
}


class Ledger:
    """A database and the keys to what is sealed in it. Safe to share between threads."""

    def __init__(self, engine: Engine, roots: Roots) -> None:
        self.engine, self.roots = engine, roots
        self.vault = Vault(partial(keyring.load, engine, roots))
        self.dialect = engine.dialect.name
        self._locks: dict[str, threading.Lock] = {}
        one = engine.dialect.name == "sqlite"
        self._writer: AbstractContextManager[object] = threading.Lock() if one else nullcontext()

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """One transaction that changes something; committed on leaving, undone by an error.

        SQLite's writers queue here: its own way of waiting is to sleep and try again, up to a
        tenth of a second at a time, and it knows no turns.
        """
        with self._writer, self.engine.begin() as conn:
            yield conn

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent look that changes nothing and waits for no writer."""
        with self.engine.connect().execution_options(loa_read=True) as conn:
            yield conn

    @contextmanager
    def exclusive(self, name: str) -> Iterator[None]:
        """Keep others out of something that spans transactions: processes on PostgreSQL by an
        advisory lock, threads on SQLite, which has one process."""
        if self.dialect != "postgresql":
            with self._locks.setdefault(name, threading.Lock()):
                yield
            return
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        with self.engine.connect() as conn, conn.begin():
            conn.exec_driver_sql("SELECT pg_advisory_xact_lock(%s)", (key,))
            yield

    def close(self) -> None:
        self.engine.dispose()


def open_ledger(url: str, roots: Roots, *, pool: int = 8) -> Ledger:
    """The ledger at a database URL: ``sqlite:///loa.db`` or ``postgresql+psycopg://…``."""
    if not url.startswith("sqlite"):
        return Ledger(
            create_engine(
                url,
                pool_size=pool,
                max_overflow=pool,
                pool_pre_ping=True,
                # A parameter may be a name or a sealed address: errors must not quote it.
                hide_parameters=True,
            ),
            roots,
        )
    engine = create_engine(
        url,
        connect_args={"timeout": 30},
        pool_size=pool,
        max_overflow=pool,
        hide_parameters=True,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return Ledger(engine, roots)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(conn: Connection) -> None:
    reading = conn.get_execution_options().get("loa_read", False)
    conn.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
