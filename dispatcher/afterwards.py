"""What still happens to finished dispatches: late words, closed receipt windows, further seals."""

from typing import Any

from dispatcher.domain.model import Traits
from dispatcher.domain.status import Reason, Standing, Status
from dispatcher.ledger import desk, dispatches, seals
from dispatcher.ledger.handles import Row
from dispatcher.ledger.transition import Move, Place
from dispatcher.settle import Settling, sweep, word_for

#: How often the past is looked at.
_EVERY_MS = 60_000


def look_back(means: Settling, token: str) -> None:
    """Once a minute, by whoever comes first. ``token``: new for each call."""
    with means.ledger.begin() as conn:
        if not desk.lease(conn, "afterwards", token, _EVERY_MS):
            return
        now = desk.now(conn)
        finished = dispatches.listening(conn)
    for row in finished:
        _close_windows(means, row, now)
        place = Place(row.id, row.part)
        with means.ledger.begin() as conn:
            seals.freeze(conn, place)
            if seals.stale(conn, place):
                seals.close(conn, place, now)


def _close_windows(means: Settling, row: Row[Any], now: int) -> None:
    """What was accepted long ago and never heard of again is unknown, not delivered."""

    def judge(each: Row[Any]) -> Move | None:
        if _may_still_come(means.traits[each.channel], each.updated_at, now):
            return None
        return word_for(each, Standing(0, Status.UNKNOWN, Reason.WINDOW_CLOSED))

    sweep(means.ledger, Place(row.id, row.part), (Status.ACCEPTED,), judge)


def _may_still_come(traits: Traits, since: int, now: int) -> bool:
    return not traits.receipts or since > now - traits.receipt_window_s * 1000
