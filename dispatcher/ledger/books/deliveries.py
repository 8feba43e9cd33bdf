"""Deliveries of a dispatch with the moment at which their present try left."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, select

from dispatcher.ledger import charges, leaves
from dispatcher.ledger.tables import page
from dispatcher.ledger.transition import Place
from dispatcher.ledger.verifying import decoding

#: Attempts are few and words per attempt too: a longer way back is a broken chain.
_MOST_STEPS = 60


def after(conn: Connection, spot: Place, delivery: int, limit: int) -> list[Row[Any]]:
    """Deliveries by id, beyond this one."""
    leaf = leaves.delivery_leaf(conn, spot.part)
    query = (
        select(leaf)
        .where(leaf.c.part == spot.part, leaf.c.dispatch_id == spot.dispatch)
        .where(leaf.c.id > delivery)
        .order_by(leaf.c.id)
        .limit(limit)
    )
    return list(conn.execute(query))


def sent_at(conn: Connection, rows: Sequence[Row[Any]]) -> dict[int, int]:
    """When the present try of each of a dispatch's deliveries was taken, epoch ms.

    Walked back along the log for all of them together, a page read once per step. Those that
    nobody took, and those whose pages have been retired, are left out.
    """
    moments: dict[int, int] = {}
    sought = {row.id: (row.attempt, row.page_id) for row in rows if row.n}
    for _ in range(_MOST_STEPS):
        if not sought:
            break
        sought = _step_back(_read(conn, {where for _, where in sought.values()}), sought, moments)
    return moments


def _read(conn: Connection, pages: set[int]) -> dict[int, list[decoding.Change]]:
    """The changes on these pages by delivery. A page has one dispatch."""
    found: dict[int, list[decoding.Change]] = {}
    for body in conn.scalars(select(page.c.body).where(page.c.id.in_(pages))):
        for entry in decoding.split(bytes(body)):
            if entry[0] == decoding.CHANGE:
                change = decoding.change(entry)
                found.setdefault(change.delivery, []).append(change)
    return found


def _step_back(
    changes: dict[int, list[decoding.Change]],
    sought: dict[int, tuple[int, int]],
    moments: dict[int, int],
) -> dict[int, tuple[int, int]]:
    """Note who was found on these pages; return the others with the page before."""
    left = {}
    for delivery, (attempt, where) in sought.items():
        own = [each for each in changes.get(delivery, ()) if each.attempt == attempt]
        leaving = [each.at for each in own if charges.taken(each)]
        before = min((each.previous for each in own), default=0)
        if leaving:
            moments[delivery] = leaving[0]
        elif 0 < before < where:
            left[delivery] = (attempt, before)
    return left
