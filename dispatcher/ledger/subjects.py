"""What is known of one person, found by an address: records, consent, deliveries, who looked.

``path`` is the agency of who asks: records and deliveries of other agencies are not theirs.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, func, or_, select

from dispatcher.domain.model import TargetKind
from dispatcher.ledger.erasures import STEPS
from dispatcher.ledger.scope import below
from dispatcher.ledger.tables import (
    account,
    act,
    address,
    agency,
    area,
    bulletin,
    contact,
    contact_list,
    delivery,
    dispatch,
    list_member,
    locality,
    page,
    route,
    version,
)

#: Deliveries of one person that a report lists, newest first: years of them.
MOST = 5_000


def contact_row(conn: Connection, contact_id: int) -> Row[Any] | None:
    """A contact, removed or not, with its agency's path."""
    query = select(contact, agency.c.path).join(agency, agency.c.id == contact.c.agency_id)
    return conn.execute(query.where(contact.c.id == contact_id)).one_or_none()


def address_row(conn: Connection, address_id: int) -> Row[Any] | None:
    return conn.execute(select(address).where(address.c.id == address_id)).one_or_none()


def addresses(conn: Connection, ids: Collection[int]) -> list[Row[Any]]:
    query = select(address).where(address.c.id.in_(list(ids)))
    return list(conn.execute(query.order_by(address.c.id)))


def agency_name(conn: Connection, agency_id: int) -> str:
    return conn.scalar(select(agency.c.name).where(agency.c.id == agency_id)) or ""


def count(conn: Connection, path: str, area_code: str | None) -> int:
    """How many contacts the agency at ``path`` and those below it have, of one area or all."""
    query = (
        select(func.count())
        .select_from(contact.join(agency, agency.c.id == contact.c.agency_id))
        .where(below(path), contact.c.removed_at.is_(None))
    )
    if area_code:
        query = query.where(contact.c.area_code == area_code)
    return conn.scalar(query) or 0


def contacts_of(conn: Connection, path: str, address_id: int) -> list[Row[Any]]:
    """Records of the agency at ``path`` and below it that refer to an address, with place names."""
    query = (
        select(
            contact,
            agency.c.name.label("agency_name"),
            area.c.full_name.label("area_name"),
            locality.c.name.label("locality"),
        )
        .join(agency, agency.c.id == contact.c.agency_id)
        .join(area, area.c.code == contact.c.area_code)
        .outerjoin(locality, locality.c.id == contact.c.locality_id)
        .where(below(path))
        .where(
            or_(
                contact.c.phone_id == address_id,
                contact.c.email_id == address_id,
                contact.c.zalo_id == address_id,
            )
        )
    )
    return list(conn.execute(query.order_by(contact.c.id)))


def lists_of(conn: Connection, contact_ids: Collection[int]) -> list[Row[Any]]:
    """(contact_id, name) of the lists that name these contacts."""
    query = (
        select(list_member.c.contact_id, contact_list.c.name)
        .join(contact_list, contact_list.c.id == list_member.c.list_id)
        .where(list_member.c.contact_id.in_(list(contact_ids)))
    )
    return list(conn.execute(query.order_by(contact_list.c.id)))


def deliveries(
    conn: Connection, path: str, address_ids: Collection[int], channels: Collection[str]
) -> list[Row[Any]]:
    """Deliveries to these addresses, newest dispatch first, with the bulletin's content."""
    query = (
        select(
            delivery,
            dispatch.c.created_at,
            agency.c.name.label("agency_name"),
            bulletin.c.kind.label("kind"),
            version.c.content,
            route.c.provider,
        )
        .select_from(
            dispatch.join(agency, agency.c.id == dispatch.c.agency_id)
            .join(version, version.c.id == dispatch.c.version_id)
            .join(bulletin, bulletin.c.id == version.c.bulletin_id)
            .join(
                delivery,
                (delivery.c.part == dispatch.c.part)
                & (delivery.c.dispatch_id == dispatch.c.id)
                & delivery.c.step.in_(list(STEPS))
                & delivery.c.channel.in_(list(channels))
                & (delivery.c.target_kind == int(TargetKind.ADDRESS))
                & delivery.c.target_id.in_(list(address_ids)),
            )
            .outerjoin(route, route.c.id == delivery.c.route_id)
        )
        .where(below(path))
        .order_by(dispatch.c.id.desc(), delivery.c.id)
        .limit(MOST)
    )
    return list(conn.execute(query))


def acts_about(
    conn: Connection, subjects: Collection[str], names: Collection[str]
) -> list[Row[Any]]:
    """Acts of these names about these subjects, oldest first, with the person and their page."""
    query = (
        select(act, account.c.name.label("actor_name"), account.c.office, page.c.body)
        .join(page, page.c.id == act.c.page_id)
        .outerjoin(account, account.c.id == act.c.actor)
        .where(act.c.subject.in_(list(subjects)), act.c.name.in_(list(names)))
    )
    return list(conn.execute(query.order_by(act.c.page_id)))


def reveals_since(conn: Connection, account_id: int, since: int) -> int:
    """How many values an account has had shown. Its row is locked: many at once wait in line."""
    conn.execute(select(account.c.id).where(account.c.id == account_id).with_for_update())
    query = select(act.c.page_id).where(
        act.c.actor == account_id, act.c.name == "reveal", act.c.at > since
    )
    return len(conn.execute(query).all())
