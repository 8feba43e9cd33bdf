"""What providers may bill: each try that one of them took and named, as the log entered it.

The log rather than the rows: a row keeps its latest try and latest moment only, and a bill is for
every try, in the month in which it was taken.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, or_, select

from dispatcher.domain.period import Period
from dispatcher.domain.status import Status
from dispatcher.ledger.books.scope import agencies
from dispatcher.ledger.tables import dispatch, page
from dispatcher.ledger.verifying import decoding

#: Pages decoded at a time: some 100,000 entries, 7 MB.
_PAGES = 200

_UNTAKEN = frozenset({Status.PENDING, Status.SENDING})

#: What a waiting try becomes when somebody took it, or may have.
_TAKEN = frozenset({Status.ACCEPTED, Status.UNKNOWN, Status.FAILED, Status.DELIVERED, Status.SEEN})


class Charge(NamedTuple):
    """One billable try. ``named``: the commitment to the provider's reference; ``at``: epoch ms."""

    dispatch: int
    delivery: int
    attempt: int
    route: int
    parts: int
    at: int
    named: bytes


def taken(change: decoding.Change) -> bool:
    """Whether this is the entry by which a try left us."""
    return change.before in _UNTAKEN and change.after in _TAKEN


def of_dispatch(conn: Connection, dispatch_id: int, period: Period) -> Iterator[Charge]:
    """A dispatch's billable tries along the log, from pages written in the period.

    A try that failed without an answer may carry the name of the try before it: whoever adds up
    counts each name once.
    """
    for body in _bodies(conn, dispatch_id, period):
        for entry in decoding.split(body):
            if entry[0] != decoding.CHANGE:
                continue
            change = decoding.change(entry)
            if taken(change) and change.provider_ref != decoding.NO_COMMITMENT:
                yield _charge(change)


def _charge(change: decoding.Change) -> Charge:
    return Charge(
        change.dispatch,
        change.delivery,
        change.attempt,
        change.route,
        change.parts,
        change.at,
        change.provider_ref,
    )


def _bodies(conn: Connection, dispatch_id: int, period: Period) -> Iterator[bytes]:
    after = 0
    while True:
        query = (
            select(page.c.id, page.c.body)
            .where(page.c.dispatch_id == dispatch_id, page.c.id > after)
            .where(page.c.created_at >= period.since, page.c.created_at < period.until)
            .order_by(page.c.id)
            .limit(_PAGES)
        )
        rows = conn.execute(query).all()
        yield from (bytes(row.body) for row in rows)
        if len(rows) < _PAGES:
            return
        after = rows[-1].id


def dispatches_in(conn: Connection, path: str, mode: str, period: Period) -> list[Row[Any]]:
    """Dispatches of a mode, of an agency and those below it, that may have sent something in the
    period, with their plans."""
    query = (
        select(dispatch.c.id, dispatch.c.plan)
        .where(dispatch.c.agency_id.in_(agencies(path)))
        .where(dispatch.c.mode == mode, dispatch.c.start_at < period.until)
        .where(or_(dispatch.c.finished_at.is_(None), dispatch.c.finished_at >= period.since))
        .order_by(dispatch.c.id)
    )
    return list(conn.execute(query))
