"""What a provider's answer means for a delivery: the one place that reads Failures."""

from collections.abc import Callable
from dataclasses import dataclass

from dispatcher.domain.errors import Failure
from dispatcher.domain.model import Accepted, Handed, Level, Outcome, Refused, Traits, Unclear
from dispatcher.domain.schedule import (
    AMBIGUOUS_TRIES,
    SAME_REFERENCE_CHANGES,
    Again,
    next_try,
)
from dispatcher.domain.status import Evidence, Reason, Standing, Status
from dispatcher.ledger.transition import Effect, Move


@dataclass(frozen=True, slots=True)
class Terms:
    """What decides besides the answer itself."""

    traits: Traits
    level: Level
    route: int
    now: int
    valid_until: int
    jitter: Callable[[], float]


def move(delivery: int, attempt: int, outcome: Outcome, terms: Terms, *, changes: int = 0) -> Move:
    """The move that follows from one outcome of one try. ``changes``: entries it has so far."""
    match outcome:
        case Accepted(provider_ref, parts):
            word = Standing(attempt, Status.ACCEPTED, evidence=Evidence.PROVIDER)
            return Move(delivery, word, route=terms.route, provider_ref=provider_ref, parts=parts)
        case Handed(provider_ref):
            word = Standing(attempt, Status.SENDING)
            return Move(delivery, word, route=terms.route, provider_ref=provider_ref, parts=1)
        case Refused(failure):
            return _refused(delivery, attempt, failure, terms)
        case Unclear(failure):
            return unclear(delivery, attempt, failure.reason, terms, changes=changes)


def _refused(delivery: int, attempt: int, failure: Failure, terms: Terms) -> Move:
    again = next_try(
        failure,
        terms.level,
        attempt,
        now=terms.now,
        valid_until=terms.valid_until,
        jitter=terms.jitter,
    )
    if isinstance(again, Again):
        effect = Effect.RETRY if again.costs else Effect.LATER
        word = Standing(attempt, Status.FAILED, failure.reason)
        return Move(delivery, word, effect, retry_at=again.at, route=terms.route)
    status = Status.EXPIRED if again.reason is Reason.DEADLINE else Status.FAILED
    word = Standing(attempt, status, again.reason, Evidence.PROVIDER)
    return Move(delivery, word, route=terms.route)


def unclear(delivery: int, attempt: int, reason: Reason, terms: Terms, *, changes: int = 0) -> Move:
    """Nobody knows whether it was sent (docs/design.md §3, "What a crash costs").

    A provider that drops repeats gets the same reference again, though not for ever; an emergency
    is resent, at most twice; anything else is held as unknown until a receipt or a person decides.
    """
    soon = terms.now + 1_000
    if terms.traits.idempotent and changes < SAME_REFERENCE_CHANGES:
        word = Standing(attempt, Status.UNKNOWN, reason)
        return Move(delivery, word, Effect.LATER, retry_at=soon, route=terms.route)
    if terms.level is Level.EMERGENCY and attempt < AMBIGUOUS_TRIES:
        word = Standing(attempt, Status.UNKNOWN, reason)
        return Move(delivery, word, Effect.RETRY, retry_at=soon, route=terms.route)
    return Move(delivery, Standing(attempt, Status.UNKNOWN, reason), route=terms.route)
