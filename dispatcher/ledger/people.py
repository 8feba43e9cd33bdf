"""Contacts and their addresses. An address exists once: immutable, sealed, found by keyed hash."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain.model import AddressKind
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


def _addresses(
    conn: Connection, vault: Vault, people: Sequence[NewContact], now: int
) -> dict[bytes, int]:
    """Store what is new; return ids by digest. Set-based: two statements for any number."""
    rows = {
        vault.digest(f"address|{kind}", value): {
            "kind": kind.value,
            "sealed": vault.seal(f"address|{kind}", value.encode()),
            "masked": masked,
            "synthetic": person.synthetic,
            "created_at": now,
        }
        for person in people
        for kind, value, masked in person.addresses
    }
    if not rows:
        return {}
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    conn.execute(
        dialect(address).on_conflict_do_nothing(),
        [{"digest": digest, **row} for digest, row in rows.items()],
    )
    found = conn.execute(
        select(address.c.digest, address.c.id).where(address.c.digest.in_(list(rows)))
    )
    return {bytes(row.digest): row.id for row in found}


def add(conn: Connection, vault: Vault, people: Sequence[NewContact], now: int) -> int:
    """Store people; someone known under the same external id is replaced. Returns how many."""
    if not people:
        return 0
    ids = _addresses(conn, vault, people, now)
    rows = [_row(vault, person, ids, now) for person in people]
    named = [row for row in rows if row["external_id"]]
    unnamed = [row for row in rows if not row["external_id"]]
    if unnamed:
        conn.execute(insert(contact), unnamed)
    if named:
        dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
        statement = dialect(contact)
        replaced = {
            column: getattr(statement.excluded, column)
            for column in named[0]
            if column not in ("agency_id", "external_id")
        }
        conn.execute(
            statement.on_conflict_do_update(
                index_elements=["agency_id", "external_id"], set_={**replaced, "removed_at": None}
            ),
            named,
        )
    return len(rows)


_COLUMNS = {
    AddressKind.PHONE: "phone_id",
    AddressKind.EMAIL: "email_id",
    AddressKind.ZALO: "zalo_id",
}


def _row(vault: Vault, person: NewContact, ids: dict[bytes, int], now: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "agency_id": person.agency,
        "name": vault.seal("contact|name", person.name.encode()),
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
