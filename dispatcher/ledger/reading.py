"""Reading for people and programs: what doors show and the engine itself never asks."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import leaves
from dispatcher.ledger.scope import above, below
from dispatcher.ledger.tables import (
    address,
    agency,
    area,
    attempt,
    batch,
    bulletin,
    carrier_order,
    contact,
    contact_list,
    locality,
    page,
    page_open,
    receipt,
    route,
    route_health,
    speaker,
    tally,
    tally_delta,
    version,
)
from dispatcher.ledger.transition import Place

#: Deliveries up to which a dispatch's evidence is counted while somebody looks: 0.1 s on SQLite.
EVIDENCE_UP_TO = 100_000


def places(conn: Connection, audience: Mapping[str, Any]) -> list[str]:
    """The names of an audience's areas and localities (``Audience.to_json``)."""
    query = (
        select(locality.c.name)
        .where(locality.c.id.in_(audience["localities"]))
        .order_by(locality.c.id)
    )
    return [*(area_name(conn, code) for code in audience["areas"]), *conn.scalars(query)]


def area_name(conn: Connection, code: str) -> str:
    """The full name of an area; of the whole country for an empty code."""
    return conn.scalar(select(area.c.full_name).where(area.c.code == code)) or "Cả nước"


def contacts_page(
    conn: Connection, path: str, *, after: int, limit: int, area_code: str | None
) -> list[Row[Any]]:
    """Contacts of an agency and those below it by id, with masked addresses."""
    phone, email, zalo = (address.alias(name) for name in ("phone", "email", "zalo"))
    query = (
        select(
            contact,
            locality.c.name.label("locality"),
            phone.c.masked.label("phone"),
            email.c.masked.label("email"),
            zalo.c.masked.label("zalo"),
        )
        .join(agency, agency.c.id == contact.c.agency_id)
        .outerjoin(locality, locality.c.id == contact.c.locality_id)
        .outerjoin(phone, phone.c.id == contact.c.phone_id)
        .outerjoin(email, email.c.id == contact.c.email_id)
        .outerjoin(zalo, zalo.c.id == contact.c.zalo_id)
        .where(below(path), contact.c.id > after, contact.c.removed_at.is_(None))
    )
    if area_code:
        query = query.where(contact.c.area_code == area_code)
    return list(conn.execute(query.order_by(contact.c.id).limit(limit)))


def foreign_lists(conn: Connection, ids: Sequence[int], path: str) -> list[int]:
    """Which of these contact lists are not of the agency or those below it."""
    query = (
        select(contact_list.c.id)
        .join(agency, agency.c.id == contact_list.c.agency_id)
        .where(below(path), contact_list.c.id.in_(ids))
    )
    own = set(conn.scalars(query))
    return [each for each in ids if each not in own]


def bulletin_row(conn: Connection, bulletin_id: int) -> Row[Any] | None:
    """A bulletin with its agency's path and name."""
    query = _bulletins().where(bulletin.c.id == bulletin_id)
    return conn.execute(query).one_or_none()


def bulletins_page(conn: Connection, path: str, before: int, limit: int) -> list[Row[Any]]:
    """Bulletins of an agency and those below it, newest first."""
    query = _bulletins().where(below(path), bulletin.c.id < before)
    return list(conn.execute(query.order_by(bulletin.c.id.desc()).limit(limit)))


def _bulletins() -> Any:
    return select(bulletin, agency.c.path, agency.c.name.label("agency_name")).join(
        agency, agency.c.id == bulletin.c.agency_id
    )


def versions_of(conn: Connection, bulletin_id: int) -> list[Row[Any]]:
    """A bulletin's versions, oldest first."""
    query = select(version).where(version.c.bulletin_id == bulletin_id).order_by(version.c.number)
    return list(conn.execute(query))


def evidence(conn: Connection, spot: Place) -> dict[tuple[str, Status], dict[Evidence, int]]:
    """How many deliveries rest on whose word, per channel and status.

    Empty for a dispatch of more than ``EVIDENCE_UP_TO`` deliveries: then only exports count it.
    """
    if _total(conn, spot.dispatch) > EVIDENCE_UP_TO:
        return {}
    leaf = leaves.delivery_leaf(conn, spot.part)
    rows = conn.execute(
        select(leaf.c.channel, leaf.c.status, leaf.c.evidence, func.count())
        .where(leaf.c.part == spot.part, leaf.c.dispatch_id == spot.dispatch)
        .group_by(leaf.c.channel, leaf.c.status, leaf.c.evidence)
    )
    table: dict[tuple[str, Status], dict[Evidence, int]] = {}
    for channel, status, word, count in rows:
        table.setdefault((channel, Status(status)), {})[Evidence(word)] = count
    return table


def _total(conn: Connection, dispatch_id: int) -> int:
    return sum(
        conn.scalar(select(func.sum(table.c.count)).where(table.c.dispatch_id == dispatch_id)) or 0
        for table in (tally, tally_delta)
    )


def waiting(conn: Connection, dispatch_id: int) -> list[Row[Any]]:
    """Open batches that nobody holds, per channel: how many, deliveries in them, next due time."""
    query = (
        select(
            batch.c.channel,
            func.count().label("batches"),
            func.sum(batch.c.count).label("deliveries"),
            func.min(batch.c.due_at).label("due_at"),
        )
        .where(batch.c.dispatch_id == dispatch_id, batch.c.state == 0)
        .group_by(batch.c.channel)
        .order_by(batch.c.channel)
    )
    return list(conn.execute(query))


def routes_for(conn: Connection, path: str) -> list[Row[Any]]:
    """Routes that an agency may use or that agencies below it own, with health, no settings."""
    query = (
        select(
            *(each for each in route.c if each.name != "settings"),
            agency.c.path,
            agency.c.name.label("agency_name"),
            route_health.c.next_slot_us,
            route_health.c.open_until,
            route_health.c.faults,
            route_health.c.why,
        )
        .join(agency, agency.c.id == route.c.agency_id)
        .join(route_health, route_health.c.route_id == route.c.id)
        .where(above(path) | below(path))
        .order_by(route.c.id)
    )
    return list(conn.execute(query))


def delivery_row(conn: Connection, spot: Place, delivery_id: int) -> Row[Any] | None:
    leaf = leaves.delivery_leaf(conn, spot.part)
    query = select(leaf).where(
        leaf.c.part == spot.part, leaf.c.dispatch_id == spot.dispatch, leaf.c.id == delivery_id
    )
    return conn.execute(query).one_or_none()


def attempts_of(conn: Connection, spot: Place, delivery_id: int) -> list[Row[Any]]:
    """Earlier attempts of a delivery; the current one stands in its row."""
    leaf = leaves.attempt_leaf(conn, spot.part)
    query = (
        select(leaf)
        .where(leaf.c.part == spot.part, leaf.c.dispatch_id == spot.dispatch)
        .where(leaf.c.delivery_id == delivery_id)
        .order_by(leaf.c[attempt.c.attempt.name])
    )
    return list(conn.execute(query))


def receipts_of(conn: Connection, dispatch_id: int, delivery_id: int) -> list[Row[Any]]:
    """Words about one delivery, without their raw form, in the order in which they came."""
    columns = [each for each in receipt.c if each.name not in ("sealed", "digest")]
    query = (
        select(*columns)
        .where(receipt.c.dispatch_id == dispatch_id, receipt.c.delivery_id == delivery_id)
        .order_by(receipt.c.id)
        .limit(100)
    )
    return list(conn.execute(query))


def page_row(conn: Connection, page_id: int) -> Row[Any] | None:
    return conn.execute(select(page).where(page.c.id == page_id)).one_or_none()


def target_names(conn: Connection, rows: Sequence[Row[Any]]) -> dict[tuple[int, int], str]:
    """What each delivery's target is called on screens: a masked address, a cluster, an order."""
    tables = {
        TargetKind.ADDRESS: (address, address.c.masked),
        TargetKind.SPEAKER: (speaker, speaker.c.name),
        TargetKind.ORDER: (carrier_order, carrier_order.c.number),
    }
    names: dict[tuple[int, int], str] = {}
    for kind, (table, column) in tables.items():
        ids = [row.target_id for row in rows if row.target_kind == kind]
        if ids:
            found = conn.execute(select(table.c.id, column).where(table.c.id.in_(ids)))
            names |= {(int(kind), row[0]): row[1] for row in found}
    return names


def entries_of(conn: Connection, dispatch_id: int) -> int:
    """How many entries the ledger holds about a dispatch."""
    query = select(func.sum(page.c.count)).where(page.c.dispatch_id == dispatch_id)
    return int(conn.scalar(query) or 0)


def unsealed_of(conn: Connection, dispatch_id: int) -> int:
    """Pages of a dispatch that no checkpoint covers yet."""
    query = (
        select(func.count())
        .select_from(page.join(page_open, page_open.c.page_id == page.c.id))
        .where(page.c.dispatch_id == dispatch_id)
    )
    return int(conn.scalar(query) or 0)
