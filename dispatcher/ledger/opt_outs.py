"""Who wants nothing more: by address, and by keyed hash for addresses that we no longer know.

The hash of a suppression has a place of its own, so that it cannot be compared with the log's.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain.model import AddressKind
from dispatcher.ledger.tables import opt_out, suppression
from dispatcher.ledger.vault import Vault

#: Of every channel.
ALL = "*"


def suppressed_digest(vault: Vault, kind: AddressKind | str, value: str) -> bytes:
    return vault.digest(f"suppression|{AddressKind(kind).value}", value)


def add(conn: Connection, address_id: int, channel: str, how: str, now: int) -> bool:
    """Note that an address opted out of a channel; False if it had."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    row = {"address_id": address_id, "channel": channel, "how": how, "since": now}
    statement = dialect(opt_out).values(row).on_conflict_do_nothing()
    return conn.execute(statement.returning(opt_out.c.since)).first() is not None


def of_address(conn: Connection, address_id: int) -> list[Row[Any]]:
    query = select(opt_out).where(opt_out.c.address_id == address_id)
    return list(conn.execute(query.order_by(opt_out.c.channel)))


def suppress(conn: Connection, digest: bytes, channel: str, how: str, now: int) -> bool:
    """Remember, without an address, that it must not be written to; False if known."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    row = {"digest": digest, "channel": channel, "how": how, "since": now}
    statement = dialect(suppression).values(row).on_conflict_do_nothing()
    return conn.execute(statement.returning(suppression.c.since)).first() is not None


def suppressions(conn: Connection, digest: bytes) -> list[Row[Any]]:
    query = select(suppression).where(suppression.c.digest == digest)
    return list(conn.execute(query.order_by(suppression.c.channel)))


def keep(conn: Connection, address_id: int, digest: bytes) -> None:
    """Turn an address's opt-outs into suppressions, before it is erased."""
    for row in of_address(conn, address_id):
        suppress(conn, digest, row.channel, row.how, row.since)
    conn.execute(delete(opt_out).where(opt_out.c.address_id == address_id))


def revive(conn: Connection, ids: Mapping[bytes, int]) -> None:
    """New addresses, by their suppression digest, get the opt-outs they had or were erased with."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    for digests in _some(list(ids)):
        rows = conn.execute(select(suppression).where(suppression.c.digest.in_(digests))).all()
        if rows:
            again = [
                {
                    "address_id": ids[bytes(row.digest)],
                    "channel": row.channel,
                    "how": row.how,
                    "since": row.since,
                }
                for row in rows
            ]
            conn.execute(dialect(opt_out).on_conflict_do_nothing(), again)


def _some(digests: Sequence[bytes]) -> Iterable[Sequence[bytes]]:
    """Few enough for one statement's parameters."""
    return (digests[start : start + 500] for start in range(0, len(digests), 500))
