"""Counted tries, in the database: a limit that holds whichever process is asked.

Keys are keyed hashes: neither a client's address nor a mistyped login can be read from a row.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, case, delete, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain.lockout import Patience
from dispatcher.ledger.tables import throttle
from dispatcher.ledger.vault import Vault


@dataclass(frozen=True, slots=True)
class Try:
    """Whether it is allowed, which of its row it is, and when (epoch ms) the next one will be."""

    allowed: bool
    count: int
    next_at: int


def key(vault: Vault, kind: str, subject: str) -> bytes:
    """The row of a kind of try (``login``, ``client``, ``device``, ``code``) about a subject."""
    return vault.digest("throttle", f"{kind}|{subject}")


def take(conn: Connection, row: bytes, patience: Patience, now: int) -> Try:
    """Count a try before it is made, so that many at once are no more than many in turn.

    A refused one is not counted: repeating it prolongs nothing. ``now`` may lie before the last
    try's, if this one waited for the row in the meantime.
    """
    count, since = _locked(conn, row, now)
    count = 0 if since + patience.forget_ms <= now else count
    wait = patience.wait_ms(count)
    if wait and now < since + wait:
        return Try(allowed=False, count=count, next_at=since + wait)
    taken = count + 1
    conn.execute(update(throttle).where(throttle.c.key == row).values(count=taken, since=now))
    return Try(allowed=True, count=taken, next_at=now + patience.wait_ms(taken))


def forget(conn: Connection, row: bytes) -> None:
    """It was the right one: earlier tries do not count any more."""
    conn.execute(delete(throttle).where(throttle.c.key == row))


def give_back(conn: Connection, row: bytes) -> None:
    """This try was the right one; the earlier ones still count, they may be somebody else's."""
    less = case((throttle.c.count > 0, throttle.c.count - 1), else_=0)
    conn.execute(update(throttle).where(throttle.c.key == row).values(count=less))


def _locked(conn: Connection, row: bytes, now: int) -> tuple[int, int]:
    """Tries so far and when the last was, under the row's lock, which makes them wait in line.

    One statement: between two, somebody else's success could delete the row.
    """
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    fresh = dialect(throttle).values(key=row, since=now, count=0)
    found = conn.execute(
        fresh.on_conflict_do_update(
            index_elements=["key"], set_={"count": throttle.c.count}
        ).returning(throttle.c.count.label("tries"), throttle.c.since)
    ).one()
    return int(found.tries), int(found.since)
