"""Telling people which channel of which dispatch waits for an approval from outside."""

from collections import defaultdict

from dispatcher.domain.alarms import Alarm
from dispatcher.domain.model import DispatchState
from dispatcher.ledger import desk, outside
from dispatcher.ledger.store import Ledger

_GOING = (DispatchState.SCHEDULED.value, DispatchState.RUNNING.value)
_SAID = {outside.WAITING: "đang chờ duyệt", outside.REFUSED: "bị từ chối"}


def watch_outside(ledger: Ledger) -> None:
    """Raise an alarm for each held channel of what should be going out; clear those freed."""
    held: dict[int, dict[str, str]] = defaultdict(dict)
    with ledger.read() as conn:
        for row in outside.held_dispatches(conn, _GOING):
            if row.channel in row.plan["channels"]:
                word = f": {row.word}" if row.word else ""
                held[row.dispatch_id][row.channel] = (
                    f"{row.subject} {_SAID[row.state]}{word}. Các kênh khác vẫn phát."
                )
        told = desk.standing(conn, Alarm.CHANNEL_HELD)
    new = {(d, c): words for d, each in held.items() for c, words in each.items()}
    over = [key for key in told if key not in new]
    if new.keys() <= told and not over:
        return
    with ledger.begin() as conn:
        now = desk.now(conn)
        for (dispatch, channel), words in new.items():
            desk.raise_alarm(conn, dispatch, Alarm.CHANNEL_HELD, channel, words, now)
        for dispatch, channel in over:
            desk.clear_alarm(conn, dispatch, Alarm.CHANNEL_HELD, channel, now)
