"""Emptying what is personal in a row while everything that refers to it stays.

A delivery refers to its address by number, the log is committed to the address's keyed hash. So
the act ``erase`` names the commitment that stood there: the verifier accepts an emptied address
only for that word in the log.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, or_, select, update

from dispatcher.domain.model import AddressKind, TargetKind
from dispatcher.ledger import opt_outs, pages, sealed
from dispatcher.ledger.tables import address, alarm, contact, delivery, dispatch, receipt
from dispatcher.ledger.vault import Vault

#: How an erased address is shown.
PLACEHOLDER = "đã xóa"

#: More steps than any plan has: with them and the channels the index of deliveries finds a target.
STEPS = range(4)


def holders(conn: Connection, address_ids: Collection[int]) -> list[Row[Any]]:
    """Contacts, removed or not, that refer to one of these addresses."""
    ids = list(address_ids)
    query = select(contact).where(
        or_(*(column.in_(ids) for column in (contact.c.phone_id, contact.c.email_id,
                                             contact.c.zalo_id)))
    )  # fmt: skip
    return list(conn.execute(query.order_by(contact.c.id)))


def empty_contacts(conn: Connection, rows: Sequence[Row[Any]], now: int) -> None:
    """Take name, office, language and external id from contacts and remove them.

    ``area_code`` and ``source`` stay: they tell nobody, and say where the record came from.
    """
    for row in rows:
        conn.execute(
            update(contact)
            .where(contact.c.id == row.id)
            .values(
                name=b"",
                external_id=None,
                office="",
                lang="vi",
                locality_id=None,
                responsible=False,
                removed_at=row.removed_at or now,
            )
        )

    subjects = [f"contact:{row.id}" for row in rows]
    conn.execute(update(alarm).where(alarm.c.subject.in_(subjects)).values(words=""))


def empty_address(
    conn: Connection,
    row: Row[Any],
    *,
    actor: int,
    now: int,
    facts: Mapping[str, object],
    random: Callable[[int], bytes] = os.urandom,
) -> None:
    """Empty one address row and enter it in the log. ``row``: of ``address``, not erased yet."""
    conn.execute(
        update(address)
        .where(address.c.id == row.id, address.c.erased_at.is_(None))
        .values(sealed=None, masked=PLACEHOLDER, digest=random(32), erased_at=now)
    )
    commitment = hashlib.sha256(bytes(row.digest)).digest()[:16].hex()
    pages.record(
        conn,
        "erase",
        f"address:{row.id}",
        actor=actor,
        at=now,
        facts={**facts, "commitment": commitment},
    )


def suppress(conn: Connection, vault: Vault, row: Row[Any], now: int) -> None:
    """See that the person behind an address is not written to when a list brings it back."""
    digest = keep_wishes(conn, vault, row)
    opt_outs.suppress(conn, digest, opt_outs.ALL, "erased", now)


def keep_wishes(conn: Connection, vault: Vault, row: Row[Any]) -> bytes:
    """Keep what an address opted out of without the address; return the hash it is kept by."""
    value = vault.open(sealed.address(row.kind, row.digest), row.sealed).decode()
    digest = opt_outs.suppressed_digest(vault, row.kind, value)
    opt_outs.keep(conn, row.id, digest)
    return digest


def empty_receipts(conn: Connection, address_id: int, channels: Collection[str]) -> int:
    """Drop the raw words of providers about deliveries to an address: numbers stand in them."""
    about = exists().where(
        dispatch.c.id == receipt.c.dispatch_id,
        delivery.c.part == dispatch.c.part,
        delivery.c.dispatch_id == receipt.c.dispatch_id,
        delivery.c.id == receipt.c.delivery_id,
        delivery.c.target_kind == int(TargetKind.ADDRESS),
        delivery.c.target_id == address_id,
    )
    mentioned = (
        select(delivery.c.dispatch_id)
        .select_from(dispatch.join(delivery, _to(address_id, channels)))
        .distinct()
    )
    emptied = conn.execute(
        update(receipt)
        .where(receipt.c.dispatch_id.in_(mentioned), receipt.c.sealed.is_not(None), about)
        .values(sealed=None)
    )
    return emptied.rowcount


def _to(address_id: int, channels: Collection[str]) -> Any:
    """Deliveries to an address as their index has them: one look a dispatch, step and channel."""
    return (
        (delivery.c.part == dispatch.c.part)
        & (delivery.c.dispatch_id == dispatch.c.id)
        & delivery.c.step.in_(list(STEPS))
        & delivery.c.channel.in_(list(channels))
        & (delivery.c.target_kind == int(TargetKind.ADDRESS))
        & (delivery.c.target_id == address_id)
    )


def rows(conn: Connection, ids: Collection[int]) -> list[Row[Any]]:
    """Addresses that are not erased, locked until the transaction ends."""
    query = select(address).where(address.c.id.in_(list(ids)), address.c.erased_at.is_(None))
    return list(conn.execute(query.order_by(address.c.id).with_for_update()))


def by_digest(conn: Connection, kind: AddressKind, digest: bytes) -> Row[Any] | None:
    query = select(address).where(address.c.kind == kind.value, address.c.digest == digest)
    return conn.execute(query).one_or_none()
