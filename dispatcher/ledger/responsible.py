"""Responsible people (người phụ trách): who was asked to confirm, and who has."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, func, select

from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import leaves
from dispatcher.ledger.tables import batch, contact, delivery, dispatch, locality
from dispatcher.ledger.transition import Place


def unanswered(conn: Connection, place: Place) -> list[Row[Any]]:
    """Responsible people of a dispatch none of whose deliveries they have confirmed."""
    query = (
        select(contact, locality.c.name.label("locality"))
        .outerjoin(locality, locality.c.id == contact.c.locality_id)
        .where(contact.c.responsible.is_(True), contact.c.id.in_(_asked(conn, place)))
        .where(contact.c.id.not_in(_confirmed(conn, place)))
        .order_by(contact.c.id)
    )
    return list(conn.execute(query))


def answered(conn: Connection, place: Place, contacts: Collection[int]) -> list[int]:
    """Those of ``contacts`` who have confirmed a delivery of this dispatch.

    Found by step, channel and target, as deliveries are indexed: among a million of them the few
    that are asked for are read.
    """
    if not contacts:
        return []
    leaf = leaves.delivery_leaf(conn, place.part)
    steps = conn.execute(
        select(batch.c.step, batch.c.channel)
        .where(batch.c.dispatch_id == place.dispatch)
        .distinct()
    ).all()
    query = (
        _confirmed(conn, place)
        .where(leaf.c.step.in_({row.step for row in steps}))
        .where(leaf.c.channel.in_({row.channel for row in steps}))
        .where(leaf.c.target_kind == int(TargetKind.ADDRESS))
        .where(leaf.c.target_id.in_(_addresses(conn, contacts)))
        .where(leaf.c.contact_id.in_(contacts))
    )
    return list(conn.scalars(query.distinct()))


def seen_by_citizens(conn: Connection, place: Place, channel: str, seen: int) -> int:
    """How many of those who have seen a dispatch on a channel are not responsible for anything.

    ``seen``: how many have seen it; the responsible ones among them are few, and are counted.
    """
    leaf = leaves.delivery_leaf(conn, place.part)
    query = (
        select(func.count())
        .select_from(leaf.join(contact, contact.c.id == leaf.c.contact_id))
        .where(leaf.c.part == place.part, leaf.c.dispatch_id == place.dispatch)
        .where(leaf.c.channel == channel, leaf.c.status == int(Status.SEEN))
        .where(contact.c.responsible.is_(True))
    )
    return seen - (conn.scalar(query) or 0)


def _addresses(conn: Connection, contacts: Collection[int]) -> set[int]:
    query = select(contact.c.phone_id, contact.c.email_id, contact.c.zalo_id)
    rows = conn.execute(query.where(contact.c.id.in_(contacts)))
    return {each for row in rows for each in row if each is not None}


def _asked(conn: Connection, place: Place) -> Any:
    leaf = leaves.delivery_leaf(conn, place.part)
    return select(leaf.c.contact_id).where(
        leaf.c.part == place.part,
        leaf.c.dispatch_id == place.dispatch,
        leaf.c.contact_id.in_(select(contact.c.id).where(contact.c.responsible.is_(True))),
        leaf.c.status != int(Status.SUPPRESSED),
    )


def _confirmed(conn: Connection, place: Place) -> Any:
    leaf = leaves.delivery_leaf(conn, place.part)
    return select(leaf.c.contact_id).where(
        leaf.c.part == place.part,
        leaf.c.dispatch_id == place.dispatch,
        leaf.c.contact_id.is_not(None),
        leaf.c.status == int(Status.SEEN),
        leaf.c.evidence == int(Evidence.PERSON),
    )


def latest_delivery(
    conn: Connection, address_id: int, channel: str, since: int
) -> Row[*tuple[Any, ...]] | None:
    """The newest delivery to an address on a channel: what a reply answers."""
    query = (
        select(delivery.c.dispatch_id, delivery.c.id, delivery.c.attempt)
        .join(dispatch, dispatch.c.id == delivery.c.dispatch_id)
        .where(dispatch.c.created_at >= since)
        .where(delivery.c.target_kind == int(TargetKind.ADDRESS))
        .where(delivery.c.target_id == address_id, delivery.c.channel == channel)
        .order_by(delivery.c.dispatch_id.desc())
        .limit(1)
    )
    return conn.execute(query).first()
