"""Folding later words into deliveries."""

from collections.abc import Mapping, Sequence
from typing import Any

from dispatcher.domain.status import Evidence, Reason, Standing, Status
from dispatcher.ledger import backlog, deliveries, receipts
from dispatcher.ledger.batches import Claim
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.transition import Move, Place, transition


def fold_inbox(
    conn: Connection, place: Place, now: int, *, holding: Claim | None = None, limit: int = 5_000
) -> int:
    """Apply the words waiting for one dispatch; return how many deliveries they moved.

    Deliveries in a batch under somebody's live lease are left alone: only the holder writes
    those, and their words wait. ``holding``: the batch that is ours. Words about deliveries or
    tries that never were stay visible as unmatched.
    """
    live = backlog.held(conn, place.dispatch)
    held = [each for each in live if holding is None or not _own(each, holding)]
    rows = [row for row in receipts.of_dispatch(conn, place.dispatch, limit) if _free(row, held)]
    if not rows:
        return 0
    made = deliveries.tries(conn, place, {row.delivery_id for row in rows})
    ours = [row for row in rows if _credible(row, made, holding)]
    moved = transition(conn, place, [_move(row) for row in ours], actor=0, now=now)
    matched = {row.id for row in ours}
    receipts.mark(conn, sorted(matched), receipts.FOLDED)
    strays = [row.id for row in rows if row.id not in matched]
    receipts.mark(conn, strays, receipts.UNMATCHED)
    return moved


def _credible(
    row: Row[Any], made: Mapping[tuple[int, int], int | None], holding: Claim | None
) -> bool:
    """Whether the try exists and the word came by the route it went by.

    Every provider can name any delivery; only its own are believed. A word without a route is a
    device's or a person's, checked where it was stored.
    """
    key = (row.delivery_id, row.attempt)
    if key not in made:
        return False
    lost = holding.former_route if holding else None
    return row.route_id is None or row.route_id == (made[key] or lost)


def _own(range_: tuple[str, int, int, frozenset[int]], mine: Claim) -> bool:
    return (range_[0], range_[1], range_[2]) == (mine.channel, mine.lo, mine.hi)


def _free(row: Row[Any], held: Sequence[tuple[str, int, int, frozenset[int]]]) -> bool:
    return not any(
        lo <= row.delivery_id <= hi and (not ids or row.delivery_id in ids)
        for _, lo, hi, ids in held
    )


def _move(row: Row[Any]) -> Move:
    word = Standing(
        row.attempt, Status(row.status), Reason(row.reason), Evidence(row.evidence), row.at
    )
    return Move(row.delivery_id, word, provider_ref=row.provider_ref)
