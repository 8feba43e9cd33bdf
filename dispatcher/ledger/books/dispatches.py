"""Dispatches as the bulletin log tells them: who wrote, who approved, what became of them."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, func, select, tuple_

from dispatcher.ledger import leaves
from dispatcher.ledger.books.scope import Scope, agencies
from dispatcher.ledger.tables import (
    account,
    agency,
    approval,
    bulletin,
    dispatch,
    duty_shift,
    kind,
    seal,
    version,
)
from dispatcher.ledger.transition import Place


class Counted(NamedTuple):
    """Deliveries that stand alike. ``target_kind``, ``status``, ``evidence``: their codes."""

    target_kind: int
    status: int
    evidence: int
    number: int


def starting(conn: Connection, scope: Scope, after: tuple[int, int], limit: int) -> list[Row[Any]]:
    """Dispatches by the moment they start, after (moment, id)."""
    query = (
        select(dispatch.c.id, dispatch.c.part, dispatch.c.start_at)
        .where(dispatch.c.agency_id.in_(agencies(scope.path)), dispatch.c.mode == scope.mode)
        .where(dispatch.c.start_at >= scope.period.since)
        .where(dispatch.c.start_at < scope.period.until)
        .where(tuple_(dispatch.c.start_at, dispatch.c.id) > tuple_(*after))
        .order_by(dispatch.c.start_at, dispatch.c.id)
        .limit(limit)
    )
    return list(conn.execute(query))


def told(conn: Connection, ids: Sequence[int]) -> list[Row[Any]]:
    """These dispatches by start, with bulletin, agency, people, approval and shift."""
    writer, decider = account.alias("writer"), account.alias("decider")
    query = (
        select(
            dispatch,
            version.c.bulletin_id,
            version.c.content,
            version.c.created_at.label("drafted_at"),
            kind.c.name.label("kind_name"),
            agency.c.name.label("agency_name"),
            writer.c.name.label("drafted_by"),
            decider.c.name.label("approved_by"),
            decider.c.office.label("approved_office"),
            approval.c.decided_at,
            approval.c.way,
            approval.c.symbol.label("later_symbol"),
            approval.c.verbal_order,
            approval.c.shift_id,
            duty_shift.c.basis.label("shift_basis"),
        )
        .join(version, version.c.id == dispatch.c.version_id)
        .join(bulletin, bulletin.c.id == version.c.bulletin_id)
        .join(kind, kind.c.code == bulletin.c.kind)
        .join(agency, agency.c.id == dispatch.c.agency_id)
        .join(approval, approval.c.id == dispatch.c.approval_id)
        .join(writer, writer.c.id == version.c.created_by)
        .outerjoin(decider, decider.c.id == approval.c.decided_by)
        .outerjoin(duty_shift, duty_shift.c.id == approval.c.shift_id)
        .where(dispatch.c.id.in_(ids))
        .order_by(dispatch.c.start_at, dispatch.c.id)
    )
    return list(conn.execute(query))


def counted(conn: Connection, spot: Place) -> list[Counted]:
    """How many of a dispatch's deliveries stand how, and on whose word."""
    leaf = leaves.delivery_leaf(conn, spot.part)
    alike = (leaf.c.target_kind, leaf.c.status, leaf.c.evidence)
    query = (
        select(*alike, func.count())
        .where(leaf.c.part == spot.part, leaf.c.dispatch_id == spot.dispatch)
        .group_by(*alike)
        .order_by(*alike)
    )
    return [Counted(*row) for row in conn.execute(query)]


def seals(conn: Connection, ids: Sequence[int]) -> dict[int, Row[Any]]:
    """The newest seal of each of these dispatches that has one."""
    query = select(seal).where(seal.c.dispatch_id.in_(ids)).order_by(seal.c.number)
    return {row.dispatch_id: row for row in conn.execute(query)}


def replacements(conn: Connection, bulletins: Sequence[int]) -> dict[int, list[tuple[str, int]]]:
    """Bulletin → (relation, dispatch) of what was sent later to correct, withdraw or end it."""
    query = (
        select(bulletin.c.relates_to, bulletin.c.relation, dispatch.c.id)
        .join(version, version.c.bulletin_id == bulletin.c.id)
        .join(dispatch, dispatch.c.version_id == version.c.id)
        .where(bulletin.c.relates_to.in_(bulletins))
        .order_by(dispatch.c.id)
    )
    found: defaultdict[int, list[tuple[str, int]]] = defaultdict(list)
    for row in conn.execute(query):
        found[row.relates_to].append((row.relation, row.id))
    return dict(found)
