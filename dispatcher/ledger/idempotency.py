"""Requests that were made before: one row per account and key, with the answer it got.

After the draft "The Idempotency-Key HTTP Header Field" (draft-ietf-httpapi-idempotency-key-header).
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.ledger.tables import idempotency

#: A key is remembered for a day.
_KEPT_MS = 86_400_000

#: A request without an answer after this long has lost its process; it may be made again.
_LOST_MS = 60_000


class Seen(Enum):
    """What is known of a key: nothing, its answer, work going on, or another request's use."""

    NEW = "new"
    ANSWERED = "answered"
    IN_PROGRESS = "in_progress"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Request:
    """One request as its key names it; ``fingerprint``: a hash of what was asked."""

    account: int
    key: str
    fingerprint: bytes


def open_request(conn: Connection, asked: Request, now: int) -> tuple[Seen, dict[str, Any]]:
    """Enter the request unless its key is known; the stored answer when it is ``ANSWERED``."""
    _forget(conn, asked, now)
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    entered = conn.execute(
        dialect(idempotency)
        .values(
            account_id=asked.account,
            key=asked.key,
            fingerprint=asked.fingerprint,
            created_at=now,
        )
        .on_conflict_do_nothing()
    )
    if entered.rowcount == 1:
        return Seen.NEW, {}
    row = conn.execute(select(idempotency).where(*_is(asked))).one()
    if bytes(row.fingerprint) != asked.fingerprint:
        return Seen.OTHER, {}
    return (Seen.ANSWERED, dict(row.response)) if row.response else (Seen.IN_PROGRESS, {})


def answer(conn: Connection, asked: Request, response: dict[str, Any]) -> None:
    """Keep the answer for whoever repeats the request."""
    conn.execute(update(idempotency).where(*_is(asked)).values(response=response))


def drop(conn: Connection, asked: Request) -> None:
    """The request came to nothing; its key is free again."""
    conn.execute(delete(idempotency).where(*_is(asked)))


def _forget(conn: Connection, asked: Request, now: int) -> None:
    lost = idempotency.c.response.is_(None) & (idempotency.c.created_at < now - _LOST_MS)
    old = idempotency.c.created_at < now - _KEPT_MS
    conn.execute(delete(idempotency).where(*_is(asked)).where(lost | old))


def _is(asked: Request) -> tuple[Any, Any]:
    return idempotency.c.account_id == asked.account, idempotency.c.key == asked.key
