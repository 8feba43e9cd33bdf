"""Bringing dispatches to their end: deadlines, cancellations, closed receipt windows, seals."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from channels.base import Cancellable, Channel
from dispatcher.domain.alarms import Alarm
from dispatcher.domain.model import DispatchState, TargetKind, Traits
from dispatcher.domain.status import Evidence, Reason, Standing, Status
from dispatcher.inbox import fold_inbox
from dispatcher.ledger import (
    backlog,
    deliveries,
    desk,
    dispatches,
    expansions,
    pages,
    routes,
    seals,
)
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.routes import Route
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Move, Place, transition

log = logging.getLogger(__name__)

#: Rows moved in one transaction.
_CHUNK = 500

_HELD = (DispatchState.PAUSED, DispatchState.STOPPED)

#: A dispatch that has sent everything listens for receipts this long after the last of them.
_LISTEN_MS = 15 * 60_000


@dataclass(frozen=True, slots=True)
class Settling:
    """What settling works with."""

    ledger: Ledger
    traits: Mapping[str, Traits]
    connect: Callable[[Route], Channel]


def settle(means: Settling) -> int:
    """Move what time or a person has decided; return how many deliveries moved."""
    moved = 0
    with means.ledger.read() as conn:
        now = desk.now(conn)
        cancelled = dispatches.in_state(conn, DispatchState.CANCELLED)
        running = dispatches.in_state(conn, DispatchState.RUNNING)
        held = dispatches.in_state(conn, *_HELD)
    for row in (*held, *cancelled, *running):
        try:
            moved += _STEPS[DispatchState(row.state)](means, row, now)
        except Exception:
            # One dispatch that cannot be settled must not hold the others of a whole country.
            log.exception("dispatch %s cannot be settled", row.id)
            _tell(means, row)
    return moved


def _tell(means: Settling, row: Row[Any]) -> None:
    with means.ledger.begin() as conn:
        words = "Không kết thúc được; xem nhật ký máy chủ"
        desk.raise_alarm(conn, row.id, Alarm.CANNOT_SETTLE, "dispatch", words, desk.now(conn))


def _run_on(means: Settling, row: Row[Any], now: int) -> int:
    moved = _expire(means, row) if row.valid_until and row.valid_until <= now else 0
    _finish(means, row)
    return moved


def _let_expire(means: Settling, row: Row[Any], now: int) -> int:
    """What is held beyond its deadline goes on, to its end: nothing can be sent any more."""
    if not row.valid_until or row.valid_until > now:
        return 0
    with means.ledger.begin() as conn:
        dispatches.set_state(conn, row.id, DispatchState.RUNNING, was=_HELD, why=row.state_why)
        subject, facts = f"dispatch:{row.id}", {"was": row.state}
        pages.record(conn, "expire_held", subject, actor=0, at=now, facts=facts, dispatch=row.id)
    return 0


def _expire(means: Settling, row: Row[Any]) -> int:
    """The deadline has passed: nothing that was not sent may be sent any more."""
    place = Place(row.id, row.part)
    word = Standing(0, Status.EXPIRED, Reason.DEADLINE)
    if not _take_away(means.ledger, place):
        return 0
    moved = sweep(means.ledger, place, (Status.PENDING,), lambda each: word_for(each, word))
    missed = Standing(0, Status.EXPIRED, Reason.MISSED)
    handed = (Status.SENDING,)
    return moved + sweep(means.ledger, place, handed, lambda each: word_for(each, missed))


def _call_off(means: Settling, row: Row[Any], _now: int) -> int:
    """A person, or a later bulletin, has called the dispatch off."""
    place = Place(row.id, row.part)
    reason = Reason.REPLACED if row.state_why.startswith("replaced") else Reason.CANCELLED_BY_PERSON
    word = Standing(0, Status.CANCELLED, reason)
    if not _take_away(means.ledger, place):
        return 0
    moved = sweep(means.ledger, place, (Status.PENDING,), lambda each: word_for(each, word))
    _withdraw(means, place)

    def lasting(each: Row[Any]) -> Move | None:
        target = means.traits[each.channel].target
        return None if target is TargetKind.ADDRESS else word_for(each, word)

    moved += sweep(means.ledger, place, (Status.SENDING, Status.ACCEPTED), lasting)
    with means.ledger.begin() as conn:
        seals.freeze(conn, place)
        now = desk.now(conn)
        was = [DispatchState.CANCELLED]
        dispatches.set_state(
            conn, row.id, DispatchState.CANCELLED, was=was, why=row.state_why, finished_at=now
        )
        seals.close(conn, place, now)
    return moved


def _take_away(ledger: Ledger, place: Place) -> bool:
    """Close a dispatch's batches; False while somebody still sends one of them.

    What a holder that vanished may have sent is unknown, not expired or called off.
    """
    with ledger.begin() as conn:
        now = desk.now(conn)
        expansions.close(conn, place.dispatch, now)
        for left in backlog.vanished(conn, place.dispatch):
            fold_inbox(conn, place, now, holding=left)
            again = backlog.gathered(conn, left)
            moves = [
                Move(each.id, Standing(each.attempt, Status.UNKNOWN, Reason.CRASH))
                for each in deliveries.ambiguous(conn, left)
                if each.id not in again
            ]
            transition(conn, place, moves, actor=0, now=now)
        return backlog.abandon(conn, place.dispatch)


def word_for(row: Row[Any], word: Standing) -> Move:
    return Move(
        row.id, Standing(row.attempt, word.status, word.reason, Evidence(row.evidence), word.at)
    )


def sweep(
    ledger: Ledger,
    place: Place,
    statuses: Sequence[Status],
    judge: Callable[[Row[Any]], Move | None],
) -> int:
    """Judge all deliveries that stand so, a chunk a transaction."""
    after, moved = 0, 0
    while True:
        with ledger.begin() as conn:
            rows = deliveries.with_status(conn, place, statuses, after, _CHUNK)
            moves = [move for row in rows if (move := judge(row)) is not None]
            moved += transition(conn, place, moves, actor=0, now=desk.now(conn))
        if len(rows) < _CHUNK:
            return moved
        after = rows[-1].id


def _withdraw(means: Settling, place: Place) -> None:
    """Tell speakers and carriers to be silent, even in the middle of a word.

    A message that a provider has taken cannot be called back; asking for a hundred thousand one
    by one would only hold up everybody else.
    """
    after = 0
    while True:
        with means.ledger.read() as conn:
            rows = deliveries.lasting(conn, place, after, _CHUNK)
            used = {row.route_id for row in rows if row.route_id and row.provider_ref}
            known = {
                route_id: route
                for route_id in used
                if (route := routes.load(conn, means.ledger.vault, route_id))
            }
        for route_id, route in known.items():
            channel = means.connect(route)
            if isinstance(channel, Cancellable):
                refs = [row.provider_ref for row in rows if row.route_id == route_id]
                for _ in channel.cancel([ref for ref in refs if ref]):
                    pass
        if len(rows) < _CHUNK:
            return
        after = rows[-1].id


def _finish(means: Settling, row: Row[Any]) -> None:
    """A dispatch with nothing left to send or to wait for is done, and sealed."""
    place = Place(row.id, row.part)
    with means.ledger.read() as conn:
        if not _complete(conn, means.traits, place):
            return
    with means.ledger.begin() as conn:
        seals.freeze(conn, place)
        if not _complete(conn, means.traits, place):
            return
        now = desk.now(conn)
        running = [DispatchState.RUNNING]
        if dispatches.set_state(conn, row.id, DispatchState.DONE, was=running, finished_at=now):
            seals.close(conn, place, now)


def _complete(conn: Connection, traits: Mapping[str, Traits], place: Place) -> bool:
    """Nothing left to send, and every word is in or none has come for a quarter of an hour."""
    if not dispatches.expanded(conn, place.dispatch):
        return False
    if dispatches.open_batches(conn, place.dispatch):
        return False
    rows = dispatches.counts(conn, place)
    if any(row[Status.PENDING] or row[Status.SENDING] for row in rows.values()):
        return False
    listening = any(row[Status.ACCEPTED] and traits[name].receipts for name, row in rows.items())
    return not listening or pages.last_at(conn, place.dispatch) < desk.now(conn) - _LISTEN_MS


#: What is done about a dispatch in each state.
_STEPS: Mapping[DispatchState, Callable[[Settling, Row[Any], int], int]] = {
    DispatchState.PAUSED: _let_expire,
    DispatchState.STOPPED: _let_expire,
    DispatchState.CANCELLED: _call_off,
    DispatchState.RUNNING: _run_on,
}
