"""Reading rows as a stream, from one unchanging view of the database."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, text

#: Rows in memory at a time; a full page is about 35 kB.
_AT_ONCE = 500


def freeze(conn: Connection) -> None:
    """Make everything this transaction reads one moment. SQLite does so by itself."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


def stream(conn: Connection, query: str, **params: object) -> Iterator[Row[Any]]:
    """Rows by a server-side cursor: the database keeps the place, memory stays small."""
    return iter(conn.execute(text(query), params, execution_options={"yield_per": _AT_ONCE}))


def raw(value: bytes | str) -> bytes:
    """A blob column's bytes. SQLite also keeps a text that somebody put there."""
    return value.encode() if isinstance(value, str) else bytes(value)


def number(conn: Connection, query: str) -> int:
    return int(conn.execute(text(query)).scalar_one() or 0)
