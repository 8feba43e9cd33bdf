"""Contacts and their addresses. An address exists once: immutable, sealed, found by keyed hash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, null, select
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.dialects import sqlite

from dispatcher.domain.model import AddressKind
from dispatcher.ledger import opt_outs, sealed
from dispatcher.ledger.tables import address, contact
from dispatcher.ledger.vault import Vault


@dataclass(frozen=True, slots=True)
class NewContact:
    """A person as imported. Addresses are canonical; ``masked`` forms go beside them."""

    agency: int
    name: str
    area: str
    locality: int | None
    lang: str
    addresses: tuple[tuple[AddressKind, str, str], ...]
    responsible: bool
    office: str
    source: str
    external_id: str | None
    synthetic: bool


def find_address(conn: Connection, vault: Vault, kind: AddressKind, value: str) -> int | None:
    """The row of a canonical address, if we know it."""
    digest = vault.digest(f"address|{kind}", value)
    query = select(address.c.id).where(address.c.kind == kind, address.c.digest == digest)
    return conn.scalar(query)


def add(conn: Connection, vault: Vault, people: Sequence[NewContact], now: int) -> int:
    """Store people; someone known under the same external id is replaced. Returns how many.

    Set-based: a handful of statements for any number. Of people with the same external id the
    last one counts. Rows are written in the order of their keys, so that two imports at once wait
    for each other rather than deadlock.
    """
    ids = _addresses(conn, vault, people, now)
    rows = [_row(vault, person, ids, now) for person in people]
    named = {(row["agency_id"], row["external_id"]): row for row in rows if row["external_id"]}
    unnamed = [row for row in rows if not row["external_id"]]
    if unnamed:
        conn.execute(insert(contact), unnamed)
    if named:
        _replace(conn, [named[key] for key in sorted(named)])
    return len(named) + len(unnamed)


def known(conn: Connection, agency: int, external_ids: Sequence[str]) -> int:
    """How many of these external ids an agency has already."""
    query = select(func.count()).where(
        contact.c.agency_id == agency, contact.c.external_id.in_(external_ids)
    )
    return conn.scalar(query) or 0


def _replace(conn: Connection, rows: Sequence[dict[str, Any]]) -> None:
    statement = _upsert(conn, contact)
    replaced = {
        column: getattr(statement.excluded, column)
        for column in rows[0]
        if column not in ("agency_id", "external_id")
    }
    # A bound None here would make SQLAlchemy send the rows one by one: four times slower.
    statement = statement.on_conflict_do_update(
        index_elements=["agency_id", "external_id"], set_={**replaced, "removed_at": null()}
    )
    conn.execute(statement.returning(contact.c.id), rows)


def _addresses(
    conn: Connection, vault: Vault, people: Sequence[NewContact], now: int
) -> dict[bytes, int]:
    """Store what is new; return ids by digest."""
    wanted: dict[bytes, dict[str, Any]] = {
        vault.digest(f"address|{kind}", value): {
            "kind": kind.value,
            "value": value,
            "masked": masked,
            "synthetic": person.synthetic,
            "created_at": now,
        }
        for person in people
        for kind, value, masked in person.addresses
    }
    ids = _address_ids(conn, list(wanted))
    new = sorted(wanted.keys() - ids.keys())
    if new:
        rows = [_sealed(vault, digest, **wanted[digest]) for digest in new]
        conn.execute(_upsert(conn, address).on_conflict_do_nothing().returning(address.c.id), rows)
        stored = _address_ids(conn, new)
        opt_outs.revive(conn, {_suppressed(vault, wanted[each]): stored[each] for each in new})
        ids |= stored
    return ids


def _suppressed(vault: Vault, row: Mapping[str, Any]) -> bytes:
    return opt_outs.suppressed_digest(vault, row["kind"], row["value"])


def _sealed(vault: Vault, digest: bytes, *, value: str, **row: Any) -> dict[str, Any]:
    return {
        **row,
        "digest": digest,
        "sealed": vault.seal(sealed.address(row["kind"], digest), value.encode()),
    }


def _address_ids(conn: Connection, digests: Sequence[bytes]) -> dict[bytes, int]:
    query = select(address.c.digest, address.c.id).where(address.c.digest.in_(digests))
    return {bytes(row.digest): row.id for row in conn.execute(query)}


def _upsert(conn: Connection, table: Table) -> pg.Insert | sqlite.Insert:
    return pg.insert(table) if conn.dialect.name == "postgresql" else sqlite.insert(table)


_COLUMNS = {
    AddressKind.PHONE: "phone_id",
    AddressKind.EMAIL: "email_id",
    AddressKind.ZALO: "zalo_id",
}


def _row(vault: Vault, person: NewContact, ids: dict[bytes, int], now: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "agency_id": person.agency,
        "name": vault.seal(
            sealed.contact_name(person.agency, person.external_id), person.name.encode()
        ),
        "area_code": person.area,
        "locality_id": person.locality,
        "lang": person.lang,
        "phone_id": None,
        "email_id": None,
        "zalo_id": None,
        "responsible": person.responsible,
        "office": person.office,
        "source": person.source,
        "external_id": person.external_id,
        "checked_at": now,
    }
    for kind, value, _ in person.addresses:
        row[_COLUMNS[kind]] = ids[vault.digest(f"address|{kind}", value)]
    return row


def last_id(conn: Connection) -> int:
    """The newest contact: who comes later is not in a dispatch that starts now."""
    return conn.scalar(select(func.max(contact.c.id))) or 0


def responsible(conn: Connection, ids: Sequence[int]) -> list[Row[Any]]:
    """The responsible people among these contacts."""
    query = select(contact).where(contact.c.id.in_(ids), contact.c.responsible.is_(True))
    return list(conn.execute(query))
