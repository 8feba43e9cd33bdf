"""When to try again, and when to stop trying. Times in epoch milliseconds, waits in seconds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from dispatcher.domain.errors import Failure
from dispatcher.domain.model import Level
from dispatcher.domain.status import Fault, Reason

#: Waits before the second, third, … try. An alert is worth little after an hour; a tax notice can
#: wait for a provider's long night. The number of waits + 1 is the most tries.
WAITS_S: Mapping[Level, tuple[float, ...]] = {
    Level.EMERGENCY: (2, 5, 15, 30, 60, 120, 300, 600),
    Level.PRIORITY: (5, 30, 120, 600, 1_800),
    Level.NORMAL: (30, 300, 1_800, 7_200),
}

#: A delivery whose fate a crash left open is resent at most this often, then held.
AMBIGUOUS_TRIES = 3

#: The same reference is offered again at most until a delivery has had this many changes.
SAME_REFERENCE_CHANGES = 20

#: A provider that names no wait after "too many requests" is left alone for this long.
RATE_WAIT_S = 2.0


@dataclass(frozen=True, slots=True)
class Again:
    """Try again at ``at``; ``costs``: whether the try just made counts."""

    at: int
    costs: bool


@dataclass(frozen=True, slots=True)
class Enough:
    """Do not try again, for this reason."""

    reason: Reason


def next_try(
    failure: Failure,
    level: Level,
    attempt: int,
    *,
    now: int,
    valid_until: int,
    jitter: Callable[[], float],
) -> Again | Enough:
    """What follows from a failed try. ``jitter`` draws from [0, 1).

    What the provider asks us to wait for (rate, night, quota) costs no try; everything else that
    may succeed later follows the level's schedule; the deadline ends it.
    """
    if not failure.again and failure.reason not in ROUTE_STOPPERS:
        return Enough(failure.reason)
    if failure.reason in _UNCHARGED:
        wait = failure.after if failure.after is not None else RATE_WAIT_S
        return _before_deadline(now, wait, valid_until, costs=False)
    waits = WAITS_S[level]
    if attempt > len(waits):
        return Enough(_last_reason(failure))
    wait = max(failure.after or 0.0, waits[attempt - 1] * (1 + jitter() / 4))
    return _before_deadline(now, wait, valid_until, costs=True)


#: Nothing was sent and the delivery is not to blame: such a try does not count.
_UNCHARGED = frozenset(
    {
        Reason.RATE_LIMITED,
        Reason.NIGHT_WINDOW,
        Reason.QUOTA_USED,
        Reason.NO_CONNECTION,
        Reason.BAD_CREDENTIALS,
        Reason.NO_BALANCE,
    }
)

#: Faults that only a person can mend: the route stops, its deliveries wait for another one.
ROUTE_STOPPERS = frozenset({Reason.BAD_CREDENTIALS, Reason.NO_BALANCE})


def _last_reason(failure: Failure) -> Reason:
    return failure.reason if failure.fault is Fault.RECIPIENT else Reason.RETRIES_USED


def _before_deadline(now: int, wait: float, valid_until: int, *, costs: bool) -> Again | Enough:
    at = now + round(wait * 1000)
    if valid_until and at >= valid_until:
        return Enough(Reason.DEADLINE)
    return Again(at, costs)


#: A route that failed as a route is left alone this long, doubling with each failure in a row.
CIRCUIT_S = (2, 5, 15, 30, 60, 120)


def circuit_wait_ms(faults: int) -> int:
    """How long a route stays closed to new work after its n-th failure in a row."""
    return CIRCUIT_S[min(faults, len(CIRCUIT_S) - 1)] * 1000
