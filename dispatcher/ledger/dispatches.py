"""Dispatches: started, stopped and looked at."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Table,
    exists,
    func,
    insert,
    select,
    update,
)

from dispatcher.domain.model import DispatchState, TargetKind
from dispatcher.domain.status import Status
from dispatcher.ledger import generations, leaves, tallies, traces
from dispatcher.ledger.scope import below
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import (
    agency,
    batch,
    bulletin,
    carrier_order,
    contact,
    dispatch,
    expansion,
    page,
    seal,
    tally,
    version,
)
from dispatcher.ledger.transition import Place


@dataclass(frozen=True, slots=True)
class NewDispatch:
    """What starts. ``plan``: audience, channels and batch sizes as JSON."""

    agency: int
    version: int
    approval: int
    mode: str
    drill: bool
    level: str
    plan: Mapping[str, Any]
    start_at: int
    valid_until: int
    max_contact: int
    expected: int
    created_by: int
    state: DispatchState


def add(conn: Connection, new: NewDispatch, now: int) -> Place:
    """Store a dispatch and its expansion; deliveries come later, chunk by chunk."""
    number = generations.next_number(conn)
    dispatch_id = conn.execute(
        insert(dispatch)
        .values(
            **({"id": number} if number else {}),
            part=0,
            agency_id=new.agency,
            version_id=new.version,
            approval_id=new.approval,
            mode=new.mode,
            drill=new.drill,
            level=new.level,
            state=new.state.value,
            plan=dict(new.plan),
            start_at=new.start_at,
            valid_until=new.valid_until,
            max_contact_id=new.max_contact,
            created_by=new.created_by,
            created_at=now,
        )
        .returning(dispatch.c.id)
    ).scalar_one()
    traces.areas(conn, dispatch_id, new.plan.get("audience", {}))
    part = leaves.part_for(dispatch_id, new.expected, now)
    conn.execute(update(dispatch).where(dispatch.c.id == dispatch_id).values(part=part))
    leaves.ensure(conn, part)
    conn.execute(
        insert(expansion).values(
            dispatch_id=dispatch_id,
            stage=0,
            cursor=0,
            next_delivery=1,
            next_batch=1,
            epoch=0,
            lease_until=0,
        )
    )
    return Place(dispatch_id, part)


def add_order(
    conn: Connection,
    dispatch_id: int,
    *,
    route_id: int,
    number: str,
    medium: str,
    carrier: str,
    terms: Mapping[str, Any],
) -> None:
    """An order to a carrier, to be sent as one delivery."""
    conn.execute(
        insert(carrier_order).values(
            dispatch_id=dispatch_id,
            route_id=route_id,
            number=number,
            medium=medium,
            carrier=carrier,
            terms=dict(terms),
        )
    )


def load(conn: Connection, dispatch_id: int) -> Row[Any] | None:
    """A dispatch with its agency's path and name and its bulletin."""
    query = (
        select(dispatch, agency.c.path, agency.c.name.label("agency_name"), version.c.bulletin_id)
        .join(agency, agency.c.id == dispatch.c.agency_id)
        .join(version, version.c.id == dispatch.c.version_id)
        .where(dispatch.c.id == dispatch_id)
    )
    return conn.execute(query).one_or_none()


def place(conn: Connection, dispatch_id: int) -> Place | None:
    part = conn.scalar(select(dispatch.c.part).where(dispatch.c.id == dispatch_id))
    return None if part is None else Place(dispatch_id, part)


def set_state(
    conn: Connection,
    dispatch_id: int,
    state: DispatchState,
    *,
    was: Sequence[DispatchState],
    why: str = "",
    finished_at: int | None = None,
) -> bool:
    """Move a dispatch on; False when it is not in one of the states named."""
    result = conn.execute(
        update(dispatch)
        .where(dispatch.c.id == dispatch_id)
        .where(dispatch.c.state.in_([each.value for each in was]))
        .values(state=state.value, state_why=why, finished_at=finished_at)
    )
    return result.rowcount == 1


def in_state(conn: Connection, *states: DispatchState) -> list[Row[Any]]:
    """Unfinished dispatches in these states, oldest first."""
    query = (
        select(dispatch)
        .where(dispatch.c.finished_at.is_(None))
        .where(dispatch.c.state.in_([state.value for state in states]))
        .order_by(dispatch.c.id)
    )
    return list(conn.execute(query))


def listening(conn: Connection, channels: Sequence[str], days: int = 60) -> list[Row[Any]]:
    """Finished dispatches of which words may still come, or have come since their seal.

    ``channels``: those that bring receipts; of the others no word is awaited.
    """
    awaited = select(tally.c.dispatch_id).where(
        tally.c.status == int(Status.ACCEPTED), tally.c.count > 0, tally.c.channel.in_(channels)
    )
    own = seal.c.dispatch_id == dispatch.c.id
    sealed = select(func.max(seal.c.page_id)).where(own).scalar_subquery()
    newer = exists().where(page.c.dispatch_id == dispatch.c.id, page.c.id > sealed)
    query = (
        select(dispatch)
        .where(dispatch.c.finished_at > db_now() - days * 86_400_000)
        .where(dispatch.c.id.in_(awaited) | newer)
        .order_by(dispatch.c.id)
    )
    return list(conn.execute(query))


def finished_since(conn: Connection, at: int) -> list[Row[Any]]:
    """Dispatches that came to their end after a moment (epoch ms), oldest first."""
    done = DispatchState.DONE.value
    query = select(dispatch).where(dispatch.c.finished_at > at, dispatch.c.state == done)
    return list(conn.execute(query.order_by(dispatch.c.id)))


def of_bulletin(conn: Connection, bulletin_id: int) -> list[Row[Any]]:
    """All dispatches of a bulletin's versions."""
    query = (
        select(dispatch)
        .join(version, version.c.id == dispatch.c.version_id)
        .where(version.c.bulletin_id == bulletin_id)
        .order_by(dispatch.c.id)
    )
    return list(conn.execute(query))


def of_approval(conn: Connection, approval_id: int) -> int | None:
    """The dispatch that an approval has started, if it has."""
    return conn.scalar(select(dispatch.c.id).where(dispatch.c.approval_id == approval_id))


def related(conn: Connection, bulletin_id: int) -> int | None:
    """The bulletin that this one corrects, withdraws or ends."""
    return conn.scalar(select(bulletin.c.relates_to).where(bulletin.c.id == bulletin_id))


def expanded(conn: Connection, dispatch_id: int) -> bool:
    """Whether all its deliveries exist."""
    query = select(expansion.c.done_at).where(expansion.c.dispatch_id == dispatch_id)
    return conn.scalar(query) is not None


def open_batches(conn: Connection, dispatch_id: int) -> int:
    query = select(func.count()).where(batch.c.dispatch_id == dispatch_id, batch.c.state < 2)
    return int(conn.scalar(query) or 0)


def in_flight(conn: Connection, spot: Place) -> dict[str, int]:
    """Deliveries per channel whose intent is written and whose outcome is not: ``sending``."""
    leaf = leaves.delivery_leaf(conn, spot.part)
    rows = conn.execute(
        select(leaf.c.channel, func.count())
        .select_from(
            leaf.join(
                batch,
                (batch.c.dispatch_id == leaf.c.dispatch_id)
                & (batch.c.channel == leaf.c.channel)
                & (batch.c.state == 1)
                & leaf.c.id.between(batch.c.lo, batch.c.watermark),
            )
        )
        .where(leaf.c.part == spot.part, leaf.c.dispatch_id == spot.dispatch)
        .where(leaf.c.status == Status.PENDING, leaf.c.next_attempt_at.is_(None))
        .where(batch.c.ids.is_(None))
        .group_by(leaf.c.channel)
    )
    return {row[0]: row[1] for row in rows}


def counts(conn: Connection, spot: Place) -> dict[str, dict[Status, int]]:
    """Per channel and status, with ``sending`` derived from the watermarks."""
    table: dict[str, dict[Status, int]] = {}
    for each in tallies.read(conn, spot.dispatch):
        row = table.setdefault(each.channel, dict.fromkeys(Status, 0))
        row[each.status] += each.count
    for channel, sending in in_flight(conn, spot).items():
        row = table.setdefault(channel, dict.fromkeys(Status, 0))
        moved = min(sending, row[Status.PENDING])
        row[Status.PENDING] -= moved
        row[Status.SENDING] += moved
    return table


def page_of(conn: Connection, path: str, mode: str, before: int, limit: int) -> list[Row[Any]]:
    """Dispatches in one mode of an agency and those below it, newest first, keyset-paged by id."""
    query = (
        select(dispatch, agency.c.name.label("agency_name"), version.c.bulletin_id)
        .join(agency, agency.c.id == dispatch.c.agency_id)
        .join(version, version.c.id == dispatch.c.version_id)
        .where(below(path), dispatch.c.mode == mode, dispatch.c.id < before)
        .order_by(dispatch.c.id.desc())
        .limit(limit)
    )
    return list(conn.execute(query))


def _told(leaf: Table, status: Status) -> ColumnElement[bool]:
    """Deliveries that stand so as they are told (``domain.discretion``)."""
    duty = select(contact.c.id).where(contact.c.responsible.is_(True))
    citizen = (leaf.c.target_kind == int(TargetKind.ADDRESS)) & (
        leaf.c.contact_id.is_(None) | leaf.c.contact_id.not_in(duty)
    )
    if status is Status.SEEN:
        return (leaf.c.status == int(status)) & ~citizen
    if status is Status.DELIVERED:
        return (leaf.c.status == int(status)) | ((leaf.c.status == int(Status.SEEN)) & citizen)
    return leaf.c.status == int(status)


def deliveries_page(
    conn: Connection,
    spot: Place,
    *,
    after: int,
    limit: int,
    channel: str | None,
    status: Status | None,
) -> list[Row[Any]]:
    """Deliveries of a dispatch by id, keyset-paged, filtered by channel and status.

    That a citizen has seen one is no way to find it: it is found as delivered.
    """
    leaf = leaves.delivery_leaf(conn, spot.part)
    query = select(leaf).where(
        leaf.c.part == spot.part, leaf.c.dispatch_id == spot.dispatch, leaf.c.id > after
    )
    if channel:
        query = query.where(leaf.c.channel == channel)
    if status is not None:
        query = query.where(_told(leaf, status))
    return list(conn.execute(query.order_by(leaf.c.id).limit(limit)))
