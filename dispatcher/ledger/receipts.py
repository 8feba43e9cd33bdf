"""The inbox of later words. Stored raw and sealed before anything is believed; folded in bulk."""

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain.model import StatusEvent
from dispatcher.ledger import sealed
from dispatcher.ledger.tables import receipt
from dispatcher.ledger.vault import Vault

NEW, FOLDED, UNMATCHED = 0, 1, 2


def store(
    conn: Connection,
    vault: Vault,
    route_id: int | None,
    events: Sequence[StatusEvent],
    raw: bytes,
    now: int,
) -> int:
    """Keep events; return how many were new. The same word twice is one row."""
    if not events:
        return 0
    rows = [_row(vault, route_id, event, raw, now) for event in events]
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    statement = dialect(receipt).on_conflict_do_nothing().returning(receipt.c.id)
    return len(conn.execute(statement, rows).all())


def _row(
    vault: Vault, route_id: int | None, event: StatusEvent, raw: bytes, now: int
) -> dict[str, object]:
    ref = event.ref
    key = (route_id, str(ref), event.provider_ref, event.status, event.reason, event.code, event.at)
    digest = hashlib.sha256(repr(key).encode()).digest()
    return {
        "route_id": route_id,
        "digest": digest,
        "dispatch_id": ref.dispatch if ref else None,
        "delivery_id": ref.delivery if ref else None,
        "attempt": ref.attempt if ref else None,
        "provider_ref": event.provider_ref,
        "status": int(event.status),
        "reason": int(event.reason),
        "evidence": int(event.evidence),
        "code": event.code,
        "at": event.at,
        "received_at": now,
        "sealed": vault.seal(sealed.receipt(digest), raw),
        "state": NEW if ref else UNMATCHED,
    }


def of_dispatch(conn: Connection, dispatch_id: int, limit: int = 5_000) -> list[Row[Any]]:
    return _inbox(conn, dispatch_id, limit)


def dispatches_waiting(conn: Connection) -> list[int]:
    """Dispatches with words in the inbox."""
    query = select(receipt.c.dispatch_id).where(receipt.c.state == NEW).distinct()
    return [found for found in conn.scalars(query) if found is not None]


def _inbox(conn: Connection, dispatch_id: Any, limit: int) -> list[Row[Any]]:
    query = (
        select(receipt)
        .where(receipt.c.state == NEW, receipt.c.dispatch_id == dispatch_id)
        .order_by(receipt.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(conn.execute(query))


def mark(conn: Connection, ids: Sequence[int], state: int) -> None:
    if ids:
        conn.execute(update(receipt).where(receipt.c.id.in_(ids)).values(state=state))
