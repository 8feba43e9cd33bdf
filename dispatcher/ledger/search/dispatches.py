"""Dispatches by symbol, agency, area, period, approver, recipient and outcome.

Each condition is an index of ``dispatch`` or a small table with its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    exists,
    literal_column,
    or_,
    select,
    tuple_,
)

from dispatcher.domain import names, symbols
from dispatcher.domain.period import ALWAYS, Period
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger.books.scope import agencies
from dispatcher.ledger.tables import (
    account,
    agency,
    approval,
    area,
    delivery,
    dispatch,
    dispatch_area,
    document_symbol,
    tally,
    tally_delta,
    version,
)

#: (start, dispatch) before which to go on; the first is beyond every one.
Spot = tuple[int, int]
NEWEST = (2**62, 2**62)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for among the agencies at ``path`` and below; None or empty: whatever it is.

    ``mode``: live or test; ``areas``: codes, any of them; ``approvers``: accounts, any of them;
    ``recipient``: an address.
    """

    path: str
    mode: str
    period: Period = ALWAYS
    symbol: str = ""
    areas: Sequence[str] | None = None
    approvers: Sequence[int] | None = None
    recipient: int | None = None
    outcomes: Sequence[Status] = ()
    evidence: Sequence[Evidence] = ()
    channel: str = ""


def find(conn: Connection, wanted: Wanted, before: Spot, limit: int) -> list[Row[Any]]:
    """Dispatches by start, newest first, with agency, bulletin and approval."""
    return list(conn.execute(query(wanted, before, limit)))


def query(wanted: Wanted, before: Spot, limit: int) -> Select[Any]:
    return (
        select(
            dispatch,
            version.c.bulletin_id,
            version.c.content,
            agency.c.name.label("agency_name"),
            approval.c.symbol.label("later_symbol"),
        )
        .join(version, version.c.id == dispatch.c.version_id)
        .join(agency, agency.c.id == dispatch.c.agency_id)
        .join(approval, approval.c.id == dispatch.c.approval_id)
        .where(*conditions(wanted), tuple_(dispatch.c.start_at, dispatch.c.id) < tuple_(*before))
        .order_by(dispatch.c.start_at.desc(), dispatch.c.id.desc())
        .limit(limit)
    )


def conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    """What must hold of a dispatch."""
    yield dispatch.c.agency_id.in_(agencies(wanted.path))
    yield dispatch.c.mode == wanted.mode
    if wanted.period != ALWAYS:
        yield dispatch.c.start_at >= wanted.period.since
        yield dispatch.c.start_at < wanted.period.until
    if wanted.symbol:
        yield dispatch.c.version_id.in_(_bearing(wanted.symbol))
    if wanted.areas is not None:
        into = select(dispatch_area.c.dispatch_id)
        yield dispatch.c.id.in_(into.where(dispatch_area.c.area_code.in_(wanted.areas)))
    if wanted.approvers is not None:
        decided = select(approval.c.id).where(approval.c.decided_by.in_(wanted.approvers))
        yield dispatch.c.approval_id.in_(decided.where(approval.c.state == "approved"))
    if wanted.recipient is not None:
        yield dispatch.c.id.in_(select(delivery.c.dispatch_id).where(*to(wanted.recipient)))
    if wanted.outcomes:
        yield or_(*(_has(table, wanted.outcomes) for table in (tally, tally_delta)))


def _bearing(symbol: str) -> Select[Any]:
    return (
        select(version.c.id)
        .join(document_symbol, document_symbol.c.bulletin_id == version.c.bulletin_id)
        .where(document_symbol.c.key == symbols.key(symbol))
    )


def to(address: int) -> tuple[ColumnElement[bool], ...]:
    """Deliveries to an address. The 1 is written out: the index is partial and must be seen to
    fit, which a bound value is not."""
    return (delivery.c.target_kind == literal_column("1"), delivery.c.target_id == address)


def _has(table: Table, outcomes: Sequence[Status]) -> ColumnElement[bool]:
    """Whether a dispatch may have deliveries that stand so, by its tallies."""
    arrived = (Status.SEEN,) if Status.DELIVERED in outcomes else ()
    standing = table.c.status.in_([*outcomes, *arrived])
    return exists().where(table.c.dispatch_id == dispatch.c.id, standing, table.c.count > 0)


def around(conn: Connection, code: str) -> list[str]:
    """An area, what is in it and what it is in: a bulletin for one of them was for it too."""
    rows = select(area.c.code, area.c.parent_code).where(
        or_(area.c.code == code, area.c.parent_code == code)
    )
    return sorted({code, *(each for row in conn.execute(rows) for each in row if each)})


def accounts_named(conn: Connection, name: str) -> list[int]:
    """Everybody of that name: who approved may be of an agency above (phát hộ), or have left."""
    rows = conn.execute(select(account.c.id, account.c.name)).all()
    return [row.id for row in rows if names.same(row.name, name)]
