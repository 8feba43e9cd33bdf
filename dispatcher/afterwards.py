"""What still happens to finished dispatches: late words, closed receipt windows, further seals."""

from collections.abc import Mapping
from typing import Any

from dispatcher.domain.status import Reason, Standing, Status
from dispatcher.ledger import daily_caps, desk, dispatches, seals, windows
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
        daily_caps.forget(conn, now)
    # Channel → moment: what was accepted before it is not awaited any longer.
    closed = {
        traits.channel: now - traits.receipt_window_s * 1000
        for traits in means.traits.values()
        if traits.receipts
    }
    with means.ledger.read() as conn:
        finished = dispatches.listening(conn, list(closed))
    for row in finished:
        place = Place(row.id, row.part)
        _close_windows(means, row, {name: at for name, at in closed.items() if row.start_at <= at})
        _seal_again(means, place, now)


def _close_windows(means: Settling, row: Row[Any], closed: Mapping[str, int]) -> None:
    """What was accepted long ago and never heard of again is unknown, not delivered.

    Nothing is older than its dispatch: before the first window can close there is nothing to read.
    """
    place = Place(row.id, row.part)
    if not closed:
        return
    with means.ledger.read() as conn:
        if not windows.overdue(conn, place, closed):
            return

    def judge(each: Row[Any]) -> Move | None:
        if each.updated_at > closed.get(each.channel, -1):
            return None
        return word_for(each, Standing(0, Status.UNKNOWN, Reason.WINDOW_CLOSED))

    sweep(means.ledger, place, (Status.ACCEPTED,), judge)


def _seal_again(means: Settling, place: Place, now: int) -> None:
    """A further seal if counts have moved. To find that they have not, nobody is kept waiting."""
    with means.ledger.read() as conn:
        if not seals.stale(conn, place):
            return
    with means.ledger.begin() as conn:
        seals.freeze(conn, place)
        if seals.stale(conn, place):
            seals.close(conn, place, now)
