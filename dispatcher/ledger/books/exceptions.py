"""What was out of the ordinary: each kind of it is a query over a period, by moment."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Text,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
)

from dispatcher.domain.hours import HOURS
from dispatcher.ledger.books.scope import Scope, agencies
from dispatcher.ledger.tables import account, act, agency, approval, bulletin, dispatch, version

#: Minutes by which Hà Nội is ahead of UTC.
_AHEAD = 7 * 60

#: Acts by which somebody got to see personal data, or took it away.
SHOWN = ("reveal", "export", "ask_export", "decide_export")

#: Acts by which what people may do was changed.
RIGHTS_CHANGED = (
    "grant", "revoke", "delegate", "open_account", "close_account", "add_agency", "add_key",
    "revoke_key", "set_password", "set_second_factor", "recover_account",
)  # fmt: skip


class Exceptional(NamedTuple):
    """One exception. ``at``: epoch ms; ``subject``: what it is about; ``who``: whose doing."""

    at: int
    kind: str
    key: int
    subject: str
    agency: str
    who: str
    detail: str


Source = Callable[[Scope], Select[Any]]

#: Where a reading goes on: the moment, the kind, the row within it.
Spot = tuple[int, str, int]


def after(conn: Connection, scope: Scope, spot: Spot, limit: int) -> list[Exceptional]:
    """The next exceptions of every kind, by moment."""
    found = [
        Exceptional(row.at, kind, row.key, row.subject, row.agency, row.who or "", row.detail or "")
        for kind, source in SOURCES.items()
        for row in _next(conn, source(scope), kind, spot, limit)
    ]
    return sorted(found, key=lambda each: each[:3])[:limit]


def _next(
    conn: Connection, source: Select[Any], kind: str, spot: Spot, limit: int
) -> Sequence[Row[Any]]:
    at, at_kind, at_key = spot
    rows = source.subquery()
    beyond = rows.c.at > at
    if kind > at_kind:
        beyond = rows.c.at >= at
    elif kind == at_kind:
        beyond = tuple_(rows.c.at, rows.c.key) > tuple_(at, at_key)
    query = select(rows).where(beyond).order_by(rows.c.at, rows.c.key).limit(limit)
    return conn.execute(query).all()


def _approvals(
    moment: ColumnElement[int], *which: ColumnElement[bool], by: ColumnElement[int]
) -> Source:
    """Approvals by one of their moments, with the person who did it."""

    def source(scope: Scope) -> Select[Any]:
        return (
            select(
                moment.label("at"),
                approval.c.id.label("key"),
                literal("approval:").concat(cast(approval.c.id, Text)).label("subject"),
                agency.c.name.label("agency"),
                account.c.name.label("who"),
                approval.c.note.label("detail"),
            )
            .join(version, version.c.id == approval.c.version_id)
            .join(bulletin, bulletin.c.id == version.c.bulletin_id)
            .join(agency, agency.c.id == bulletin.c.agency_id)
            .outerjoin(account, account.c.id == by)
            .where(bulletin.c.agency_id.in_(agencies(scope.path)), *which)
            .where(moment >= scope.period.since, moment < scope.period.until)
        )

    return source


def _out_of_hours(scope: Scope) -> Select[Any]:
    """Dispatches that began outside the hours of their level, with who approved them."""
    minute = (dispatch.c.start_at // 60_000 + _AHEAD) % (24 * 60)
    outside = [
        and_(dispatch.c.level == level.value, or_(minute < opens, minute >= closes))
        for level, (opens, closes) in HOURS.items()
    ]
    return (
        select(
            dispatch.c.start_at.label("at"),
            dispatch.c.id.label("key"),
            literal("dispatch:").concat(cast(dispatch.c.id, Text)).label("subject"),
            agency.c.name.label("agency"),
            account.c.name.label("who"),
            dispatch.c.level.label("detail"),
        )
        .join(agency, agency.c.id == dispatch.c.agency_id)
        .join(approval, approval.c.id == dispatch.c.approval_id)
        .outerjoin(account, account.c.id == approval.c.decided_by)
        .where(dispatch.c.agency_id.in_(agencies(scope.path)), dispatch.c.mode == scope.mode)
        .where(or_(*outside))
        .where(dispatch.c.start_at >= scope.period.since)
        .where(dispatch.c.start_at < scope.period.until)
    )


def _acts(names: tuple[str, ...]) -> Source:
    """Acts of these names."""

    def source(scope: Scope) -> Select[Any]:
        return (
            select(
                act.c.at,
                act.c.page_id.label("key"),
                act.c.subject,
                func.coalesce(agency.c.name, "").label("agency"),
                account.c.name.label("who"),
                act.c.name.label("detail"),
            )
            .outerjoin(agency, agency.c.id == act.c.agency_id)
            .outerjoin(account, account.c.id == act.c.actor)
            .where(act.c.name.in_(names), act.c.agency_id.in_(agencies(scope.path)))
            .where(act.c.at >= scope.period.since, act.c.at < scope.period.until)
        )

    return source


_DECIDED = {"by": approval.c.decided_by}

#: Kind of exception → its query.
SOURCES: Mapping[str, Source] = {
    "released_alone": _approvals(approval.c.decided_at, approval.c.way == "duty", **_DECIDED),
    "verbal_order": _approvals(approval.c.decided_at, approval.c.way == "verbal", **_DECIDED),
    "on_behalf": _approvals(approval.c.decided_at, approval.c.way == "on_behalf", **_DECIDED),
    "edited_and_approved": _approvals(
        approval.c.decided_at, approval.c.edited_from.is_not(None), **_DECIDED
    ),
    "unconfirmed": _approvals(approval.c.confirm_by, approval.c.confirmed_at.is_(None), **_DECIDED),
    "confirmed_late": _approvals(
        approval.c.confirmed_at,
        approval.c.confirmed_at > approval.c.confirm_by,
        by=approval.c.confirmed_by,
    ),
    "out_of_hours": _out_of_hours,
    "personal_data_shown": _acts(SHOWN),
    "rights_changed": _acts(RIGHTS_CHANGED),
}
