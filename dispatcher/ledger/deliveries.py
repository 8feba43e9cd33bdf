"""Reading deliveries: for sending, for retrying, for people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Table, and_, exists, select

from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Status
from dispatcher.ledger import leaves, sealed
from dispatcher.ledger.batches import Claim
from dispatcher.ledger.tables import (
    address,
    carrier_order,
    contact,
    locality,
    opt_out,
    speaker,
    station,
)
from dispatcher.ledger.transition import Place
from dispatcher.ledger.vault import Vault


@dataclass(frozen=True, slots=True)
class Due:
    """A delivery to be sent now, with its target opened just in time.

    ``to``: the canonical address, device or order number; empty when it was erased meanwhile.
    """

    id: int
    attempt: int
    lang: str
    changes: int
    to: str
    name: str
    locality: str
    extra: dict[str, object]


def unsent(conn: Connection, vault: Vault, claimed: Claim) -> list[Due]:
    """What is left of a claimed batch: pending, above the watermark, in id order."""
    leaf = leaves.delivery_leaf(conn, claimed.place.part)
    query = _with_target(leaf).where(*_unsent(leaf, claimed))
    return [_due(row, vault) for row in conn.execute(query.order_by(leaf.c.id))]


def _unsent(leaf: Table, claimed: Claim) -> list[Any]:
    return [
        *_in_batch(leaf, claimed),
        leaf.c.id > claimed.watermark,
        leaf.c.status == Status.PENDING,
        leaf.c.next_attempt_at.is_(None),
    ]


def ambiguous(conn: Connection, claimed: Claim) -> list[Row[Any]]:
    """Rows whose intent was written by a holder that vanished, and that have no outcome."""
    leaf = leaves.delivery_leaf(conn, claimed.place.part)
    query = (
        select(leaf.c.id, leaf.c.attempt, leaf.c.status, leaf.c.n)
        .where(
            *_in_batch(leaf, claimed),
            leaf.c.id <= claimed.watermark,
            leaf.c.status == Status.PENDING,
            leaf.c.next_attempt_at.is_(None),
        )
        .order_by(leaf.c.id)
    )
    return list(conn.execute(query))


def _in_batch(leaf: Table, claimed: Claim) -> list[Any]:
    scope = [
        leaf.c.part == claimed.place.part,
        leaf.c.dispatch_id == claimed.place.dispatch,
        leaf.c.id.between(claimed.lo, claimed.hi),
    ]
    return [*scope, leaf.c.id.in_(claimed.ids)] if claimed.ids else scope


def _with_target(leaf: Table) -> Any:
    person = leaf.c.target_kind == TargetKind.ADDRESS
    return (
        select(
            leaf.c.id,
            leaf.c.attempt,
            leaf.c.lang,
            leaf.c.n,
            address.c.kind.label("address_kind"),
            address.c.sealed,
            address.c.digest,
            contact.c.id.label("contact_id"),
            contact.c.name,
            contact.c.agency_id,
            contact.c.external_id,
            locality.c.name.label("locality"),
            speaker.c.device,
            speaker.c.volume,
            station.c.hours,
            carrier_order.c.number,
            carrier_order.c.terms,
        )
        .outerjoin(address, and_(person, address.c.id == leaf.c.target_id))
        .outerjoin(contact, and_(person, contact.c.id == leaf.c.contact_id))
        .outerjoin(locality, locality.c.id == contact.c.locality_id)
        .outerjoin(
            speaker,
            and_(leaf.c.target_kind == TargetKind.SPEAKER, speaker.c.id == leaf.c.target_id),
        )
        .outerjoin(station, station.c.id == speaker.c.station_id)
        .outerjoin(
            carrier_order,
            and_(leaf.c.target_kind == TargetKind.ORDER, carrier_order.c.id == leaf.c.target_id),
        )
    )


def _due(row: Row[Any], vault: Vault) -> Due:
    to = vault.open(sealed.address(row.address_kind, row.digest), row.sealed) if row.sealed else b""
    name = sealed.name_of(vault, row) if row.name else ""
    extra = {"volume": row.volume, **row.hours} if row.device else dict(row.terms or {})
    return Due(
        id=row.id,
        attempt=row.attempt,
        lang=row.lang,
        changes=row.n,
        to=to.decode() or row.device or row.number or "",
        name=name,
        locality=row.locality or "",
        extra=extra,
    )


def due_retries(conn: Connection, place: Place, now: int, limit: int) -> list[Row[Any]]:
    """Rows whose next attempt is due, not yet gathered into a batch."""
    leaf = leaves.delivery_leaf(conn, place.part)
    query = (
        select(leaf.c.id, leaf.c.channel, leaf.c.step)
        .where(leaf.c.part == place.part, leaf.c.dispatch_id == place.dispatch)
        .where(leaf.c.next_attempt_at <= now, leaf.c.status == Status.PENDING)
        .order_by(leaf.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return list(conn.execute(query))


def tries(
    conn: Connection, place: Place, ids: Collection[int]
) -> dict[tuple[int, int], int | None]:
    """(delivery, attempt) → the route it went by, for every try of these deliveries there was."""
    leaf, old = leaves.delivery_leaf(conn, place.part), leaves.attempt_leaf(conn, place.part)
    current = select(leaf.c.id, leaf.c.attempt, leaf.c.route_id).where(
        leaf.c.part == place.part, leaf.c.dispatch_id == place.dispatch, leaf.c.id.in_(ids)
    )
    former = select(old.c.delivery_id, old.c.attempt, old.c.route_id).where(
        old.c.part == place.part, old.c.dispatch_id == place.dispatch, old.c.delivery_id.in_(ids)
    )
    rows = [*conn.execute(former), *conn.execute(current)]
    return {(row[0], row[1]): row[2] for row in rows}


def withdrawn(conn: Connection, claimed: Claim) -> list[Row[Any]]:
    """Unsent deliveries whose people have opted out, or left the list, since they were cut."""
    leaf = leaves.delivery_leaf(conn, claimed.place.part)
    refused = exists().where(
        opt_out.c.address_id == leaf.c.target_id, opt_out.c.channel.in_([claimed.channel, "*"])
    )
    left = exists().where(contact.c.id == leaf.c.contact_id, contact.c.removed_at.is_not(None))
    query = (
        select(leaf.c.id, leaf.c.attempt)
        .where(*_unsent(leaf, claimed), leaf.c.target_kind == TargetKind.ADDRESS)
        .where(refused | left)
        .order_by(leaf.c.id)
    )
    return list(conn.execute(query))


def unsent_ids(conn: Connection, claimed: Claim) -> list[int]:
    """As ``unsent``, without opening anything."""
    leaf = leaves.delivery_leaf(conn, claimed.place.part)
    query = select(leaf.c.id).where(*_unsent(leaf, claimed)).order_by(leaf.c.id)
    return list(conn.scalars(query))


def standing(conn: Connection, claimed: Claim, ids: Collection[int]) -> list[Row[Any]]:
    """Id and attempt of some deliveries of a batch."""
    leaf = leaves.delivery_leaf(conn, claimed.place.part)
    query = select(leaf.c.id, leaf.c.attempt).where(*_in_batch(leaf, claimed), leaf.c.id.in_(ids))
    return list(conn.execute(query))


def lasting(conn: Connection, place: Place, after: int, limit: int) -> list[Row[Any]]:
    """Deliveries by id that go on after they were handed over: plays and carriers' orders."""
    leaf = leaves.delivery_leaf(conn, place.part)
    query = (
        select(leaf)
        .where(leaf.c.part == place.part, leaf.c.dispatch_id == place.dispatch)
        .where(leaf.c.target_kind != TargetKind.ADDRESS, leaf.c.id > after)
        .where(leaf.c.provider_ref.is_not(None))
        .order_by(leaf.c.id)
        .limit(limit)
    )
    return list(conn.execute(query))


def clear_retry(conn: Connection, place: Place, ids: Sequence[int]) -> None:
    """These are in a batch now."""
    leaf = leaves.delivery_leaf(conn, place.part)
    conn.execute(
        leaf.update()
        .where(leaf.c.part == place.part, leaf.c.dispatch_id == place.dispatch)
        .where(leaf.c.id.in_(ids))
        .values(next_attempt_at=None)
    )


def with_status(
    conn: Connection, place: Place, statuses: Sequence[Status], after: int, limit: int
) -> list[Row[Any]]:
    """A slice of deliveries that stand so, by id, for bulk moves (expire, cancel, close)."""
    leaf = leaves.delivery_leaf(conn, place.part)
    query = (
        select(leaf)
        .where(leaf.c.part == place.part, leaf.c.dispatch_id == place.dispatch)
        .where(leaf.c.status.in_([int(status) for status in statuses]), leaf.c.id > after)
        .order_by(leaf.c.id)
        .limit(limit)
    )
    return list(conn.execute(query))
