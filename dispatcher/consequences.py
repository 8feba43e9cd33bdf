"""What failures mean beyond the delivery: for the route, for the dispatch, for people."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.domain.alarms import Alarm
from dispatcher.domain.errors import Failure, Misconfigured
from dispatcher.domain.model import DispatchState, Level
from dispatcher.domain.schedule import ROUTE_STOPPERS, circuit_wait_ms
from dispatcher.domain.status import Fault, Reason
from dispatcher.holding import Holding
from dispatcher.ledger import batches, desk, dispatches, pages, routes

log = logging.getLogger(__name__)

#: From this share of a window's deliveries a fault is the route's or the text's, not theirs.
_SHARE = 0.5

#: Being asked to slow down says nothing about a route's health.
_HARMLESS = frozenset({Reason.RATE_LIMITED, Reason.NIGHT_WINDOW, Reason.GREYLISTED})


@dataclass(frozen=True, slots=True)
class Consequence:
    """``gives_back``: send no more of this batch through this route."""

    gives_back: bool


def of_window(holding: Holding, failures: Sequence[Failure], size: int) -> Consequence:
    """Judge one window: close or open the circuit, stop the route or the dispatch, tell people."""
    faulty = [each for each in failures if each.fault is Fault.ROUTE]
    serious = [each for each in faulty if each.reason not in _HARMLESS]
    stopper = next((each for each in serious if each.reason in ROUTE_STOPPERS), None)
    if stopper:
        _stop_route(holding, stopper)
        return Consequence(gives_back=True)
    if len(serious) >= max(1, size * _SHARE):
        _open_circuit(holding, serious[0])
        return Consequence(gives_back=True)
    if any(each.reason is Reason.RATE_LIMITED for each in faulty):
        _slow_down(holding, faulty)
        return Consequence(gives_back=True)
    _settle(holding)
    content = [each for each in failures if each.fault is Fault.CONTENT]
    if len(content) >= max(1, size * _SHARE):
        return Consequence(gives_back=_content_fault(holding, content[0]))
    return Consequence(gives_back=False)


def of_settings(holding: Holding, error: Misconfigured) -> None:
    """A route that cannot be used as it is set up: stop it and let others have the batch."""
    _stop_route(holding, Failure(Reason.INTERNAL, words=error.en))
    with holding.ledger.begin() as conn:
        if batches.holds(conn, holding.claimed, holding.holder):
            batches.give_back(conn, holding.claimed, desk.now(conn))


def _settle(holding: Holding) -> None:
    with holding.ledger.read() as conn:
        faults = routes.faults(conn, holding.route.id)
    if faults:
        with holding.ledger.begin() as conn:
            routes.healthy(conn, holding.route.id)


def _open_circuit(holding: Holding, failure: Failure) -> None:
    with holding.ledger.begin() as conn:
        now = desk.now(conn)
        wait = circuit_wait_ms(routes.faults(conn, holding.route.id))
        routes.fault(conn, holding.route.id, now + wait, failure.words or failure.reason.code)
        subject = f"route:{holding.route.id}"
        dispatch_id = holding.claimed.place.dispatch
        words = f"{holding.route.name}: {failure.reason.code} {failure.words}".strip()
        if desk.raise_alarm(conn, dispatch_id, Alarm.ROUTE_FAILING, subject, words, now):
            pages.record(
                conn,
                "open_circuit",
                subject,
                actor=0,
                at=now,
                facts={"reason": failure.reason.code},
                dispatch=dispatch_id,
            )
    log.warning("route %s failing: %s", holding.route.name, failure.reason.code)


def _slow_down(holding: Holding, faulty: Sequence[Failure]) -> None:
    """The provider asked for a pause: nobody uses the route before it is over."""
    wait = max(each.after or 1.0 for each in faulty)
    with holding.ledger.begin() as conn:
        now = desk.now(conn)
        routes.pause(conn, holding.route.id, now + round(wait * 1000))


def _stop_route(holding: Holding, failure: Failure) -> None:
    why = f"{failure.reason.code} {failure.code} {failure.words}".strip()
    with holding.ledger.begin() as conn:
        now = desk.now(conn)
        routes.stop(conn, holding.route.id, why, now)
        subject = f"route:{holding.route.id}"
        dispatch_id = holding.claimed.place.dispatch
        desk.raise_alarm(conn, dispatch_id, Alarm.ROUTE_STOPPED, subject, why, now)
        pages.record(
            conn, "stop_route", subject, actor=0, at=now, facts={"reason": failure.reason.code}
        )
    log.error("route %s stopped: %s", holding.route.name, failure.reason.code)


def _content_fault(holding: Holding, failure: Failure) -> bool:
    """Stop the dispatch and say why; an emergency goes on, with an alarm (docs/design.md §7)."""
    place = holding.claimed.place
    words = f"{holding.claimed.channel}: {failure.reason.code} {failure.words}".strip()
    with holding.ledger.begin() as conn:
        now = desk.now(conn)
        desk.raise_alarm(
            conn, place.dispatch, Alarm.CONTENT_REFUSED, holding.claimed.channel, words, now
        )
        if holding.claimed.level == Level.EMERGENCY:
            return False
        dispatches.set_state(
            conn,
            place.dispatch,
            DispatchState.STOPPED,
            was=[DispatchState.RUNNING],
            why=words,
        )
        pages.record(
            conn,
            "stop_dispatch",
            f"dispatch:{place.dispatch}",
            actor=0,
            at=now,
            facts={"reason": failure.reason.code},
            dispatch=place.dispatch,
        )
    return True
