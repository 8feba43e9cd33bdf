"""Sealing again, under the newest data key, what is sealed under older ones.

Rows are taken in the order of their keys, a few at a time, past those that somebody else holds:
the engine works on meanwhile, and a row that was passed by is met in the next pass.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Row, Table, bindparam, func, select, update

from dispatcher.ledger import credentials, sealed
from dispatcher.ledger.tables import (
    address,
    contact,
    credential,
    receipt,
    route,
    route_token,
    speaker,
)
from dispatcher.ledger.vault import Vault

#: Rows per transaction: some ten milliseconds.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Kind:
    """Sealed values of one column; ``place`` of a row is where it was sealed for."""

    key: Column[Any]
    column: Column[Any]
    place: Callable[[Row[Any]], str]

    @property
    def table(self) -> Table:
        return self.column.table


#: Everything that is sealed in rows, by the name it has in acts and documents.
KINDS: Mapping[str, Kind] = {
    "address": Kind(
        address.c.id, address.c.sealed, lambda row: sealed.address(row.kind, row.digest)
    ),
    "contact": Kind(
        contact.c.id,
        contact.c.name,
        lambda row: sealed.contact_name(row.agency_id, row.external_id),
    ),
    "route": Kind(route.c.id, route.c.settings, lambda row: sealed.route_settings(row.id)),
    "route_token": Kind(
        route_token.c.route_id,
        route_token.c.sealed,
        lambda row: sealed.route_tokens(row.route_id),
    ),
    "speaker": Kind(speaker.c.id, speaker.c.key, lambda row: sealed.speaker_key(row.device)),
    "receipt": Kind(receipt.c.id, receipt.c.sealed, lambda row: sealed.receipt(row.digest)),
    "credential": Kind(
        credential.c.account_id, credential.c.totp, lambda row: credentials.place(row.account_id)
    ),
}


def batch(conn: Connection, vault: Vault, kind: Kind, after: int) -> tuple[int, int | None]:
    """Seal the next rows after a key again; (how many, the last one's key or None at the end)."""
    rows = conn.execute(
        select(kind.table)
        .where(_older(kind, vault.header()), kind.key > after)
        .order_by(kind.key)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    if not rows:
        return 0, None
    fresh = [
        {"row": getattr(row, kind.key.name), "again": _again(vault, kind, row)} for row in rows
    ]
    conn.execute(
        update(kind.table)
        .where(kind.key == bindparam("row"))
        .values({kind.column.name: bindparam("again")}),
        fresh,
    )
    return len(rows), getattr(rows[-1], kind.key.name)


def remaining(conn: Connection, vault: Vault) -> dict[str, int]:
    """How many values of each kind are sealed under older keys, if any."""
    header = vault.header()
    counts = {
        name: conn.scalar(select(func.count()).select_from(kind.table).where(_older(kind, header)))
        for name, kind in KINDS.items()
    }
    return {name: count for name, count in counts.items() if count}


def _again(vault: Vault, kind: Kind, row: Row[Any]) -> bytes:
    place = kind.place(row)
    return vault.seal(place, vault.open(place, bytes(getattr(row, kind.column.name))))


def _older(kind: Kind, header: bytes) -> Any:
    """Sealed, not empty, and not under the present key. Routes are empty for a moment at birth."""
    return (
        kind.column.is_not(None)
        & (func.length(kind.column) > 0)
        & (func.substr(kind.column, 1, len(header)) != header)
    )
