"""What goes when its time is over, a small batch at a time. Rows that prove something stay.

Each function takes the moment before which something is old (epoch ms), and returns how many rows
it emptied or deleted: 0 when nothing is left to do.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, func, or_, select, update

from dispatcher.domain.model import AddressKind
from dispatcher.ledger import desk, erasures
from dispatcher.ledger.tables import (
    address,
    alarm,
    contact,
    idempotency,
    manifest,
    media,
    receipt,
    rendition,
    session,
    speaker,
    throttle,
)
from dispatcher.ledger.vault import Vault

#: Rows per transaction: some tens of milliseconds.
BATCH = 500
#: Addresses per transaction: each is an act with a page of its own.
_ADDRESSES = 100

#: Up to which receipt raw words are emptied: rows come in the order of their ids, and the next
#: run need not read again what is done.
_RECEIPT_MARK = "retained_receipt"

_SHA256 = re.compile(rb"[0-9a-f]{64}")

_COLUMNS = {
    AddressKind.PHONE: contact.c.phone_id,
    AddressKind.EMAIL: contact.c.email_id,
    AddressKind.ZALO: contact.c.zalo_id,
}


def receipts(conn: Connection, _vault: Vault, cut: int) -> int:
    """Raw words of providers: the number stands in them. What was understood of them stays."""
    after = int(desk.get_mark(conn, _RECEIPT_MARK) or 0)
    rows = conn.execute(
        select(receipt.c.id, receipt.c.received_at)
        .where(receipt.c.id > after)
        .order_by(receipt.c.id)
        .limit(BATCH)
    ).all()
    old = [row.id for row in rows if row.received_at < cut]
    if old:
        conn.execute(update(receipt).where(receipt.c.id.in_(old)).values(sealed=None))
        desk.set_mark(conn, _RECEIPT_MARK, str(old[-1]))
    return len(old)


def alarms(conn: Connection, _vault: Vault, cut: int) -> int:
    """The names in alarms about people; that there was one stays."""
    told = alarm.c.subject.like("contact:%") & (alarm.c.words != "") & (alarm.c.raised_at < cut)
    return _emptied(conn, alarm, told, {"words": ""})


def removed(conn: Connection, _vault: Vault, cut: int) -> int:
    """Names of contacts that were taken from the lists."""
    query = select(contact).where(contact.c.removed_at < cut, func.length(contact.c.name) > 0)
    rows = conn.execute(query.order_by(contact.c.id).limit(BATCH)).all()
    erasures.empty_contacts(conn, rows, cut)
    return len(rows)


def addresses(conn: Connection, vault: Vault, cut: int) -> int:
    """Addresses to which no contact refers any more. Each is an act, as any erasure."""
    now = desk.now(conn)
    for kind, column in _COLUMNS.items():
        referred = select(column).where(
            column.is_not(None), or_(contact.c.removed_at.is_(None), contact.c.removed_at >= cut)
        )
        unused = (
            select(address.c.id)
            .where(address.c.kind == kind.value, address.c.erased_at.is_(None))
            .where(address.c.created_at < cut)
            .except_(referred)
            .limit(_ADDRESSES)
        )
        rows = erasures.rows(conn, list(conn.scalars(unused)))
        for row in rows:
            erasures.keep_wishes(conn, vault, row)
            erasures.empty_address(conn, row, actor=0, now=now, facts={"why": "retention"})
        if rows:
            return len(rows)
    return 0


def sessions(conn: Connection, _vault: Vault, cut: int) -> int:
    """Sessions that are over, and counted tries that count no more."""
    over = (session.c.until < cut) | (session.c.ended_at < cut)
    tries = conn.execute(delete(throttle).where(throttle.c.since < cut))
    return _deleted(conn, session, over) + tries.rowcount


def answers(conn: Connection, _vault: Vault, cut: int) -> int:
    """Answers kept for requests that are repeated."""
    old = select(idempotency.c.account_id, idempotency.c.key).where(idempotency.c.created_at < cut)
    rows = conn.execute(old.limit(BATCH)).all()
    for row in rows:
        conn.execute(
            delete(idempotency).where(
                idempotency.c.account_id == row.account_id, idempotency.c.key == row.key
            )
        )
    return len(rows)


def manifests(conn: Connection, _vault: Vault, cut: int) -> int:
    """Manifests that a newer one has replaced."""
    newest = select(speaker.c.seq).where(speaker.c.id == manifest.c.speaker_id).scalar_subquery()
    return _deleted(conn, manifest, (manifest.c.created_at < cut) & (manifest.c.seq < newest))


def sounds(conn: Connection, _vault: Vault, cut: int) -> int:
    """Sounds that no rendition names: made to be listened to, and not used."""
    old = set(conn.scalars(select(media.c.sha256).where(media.c.created_at < cut)))
    if not old:
        return 0
    named = {sha.decode() for body in _bodies(conn) for sha in _SHA256.findall(body)}
    unused = sorted(old - named)[:BATCH]
    conn.execute(delete(media).where(media.c.sha256.in_(unused)))
    return len(unused)


def _bodies(conn: Connection) -> Iterator[bytes]:
    found = conn.execute(select(rendition.c.body), execution_options={"yield_per": BATCH})
    return (bytes(body) for (body,) in found)


#: By class of ``domain.retention``. Contacts before addresses: what only they refer to goes too.
CLASSES: Mapping[str, Callable[[Connection, Vault, int], int]] = {
    "receipts": receipts,
    "alarms": alarms,
    "removed": removed,
    "addresses": addresses,
    "sessions": sessions,
    "answers": answers,
    "manifests": manifests,
    "media": sounds,
}


def _emptied(conn: Connection, table: Table, which: Any, values: Mapping[str, object]) -> int:
    ids = list(conn.scalars(select(table.c.id).where(which).limit(BATCH)))
    conn.execute(update(table).where(table.c.id.in_(ids)).values(**values))
    return len(ids)


def _deleted(conn: Connection, table: Table, which: Any) -> int:
    (key,) = table.primary_key.columns
    keys = list(conn.scalars(select(key).where(which).limit(BATCH)))
    conn.execute(delete(table).where(key.in_(keys)))
    return len(keys)
