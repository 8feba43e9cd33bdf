"""How badly a simulated provider behaves: one frozen value, and the seeded dice that obey it.

One die is cast per request, in order of arrival, so the same seed and the same order of
requests give exactly the same faults.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass, fields, replace
from enum import StrEnum
from random import Random
from typing import Any

# The 99th percentile of the standard normal distribution.
Z99 = 2.3263


class Fault(StrEnum):
    """What goes wrong with one request. `TAKEN` says which faults leave the work done."""

    NONE = "none"
    OUTAGE = "outage"
    ERROR = "error"
    TOO_MANY = "too_many"
    CUT_BEFORE = "cut_before"
    CUT_AFTER = "cut_after"
    CUT_WITHIN = "cut_within"
    MALFORMED = "malformed"
    HANG = "hang"


#: The provider did the work although the caller cannot know: what makes a send ambiguous.
TAKEN = frozenset({Fault.NONE, Fault.CUT_AFTER, Fault.CUT_WITHIN, Fault.MALFORMED, Fault.HANG})

# Cast in this order; `Manners` has a share under each of these names.
SHARES = tuple(fault for fault in Fault if fault not in (Fault.NONE, Fault.OUTAGE))


@dataclass(frozen=True, slots=True)
class Manners:
    """Shares are 0…1 of all requests (or of all receipts), times are seconds.

    `latency` is (median, 99th percentile) of a log-normal; `(0, 0)` answers at once.
    `rate` is the provider's own limit in requests per second, 0 for none: what exceeds it
    gets the provider's "too many requests" with `retry_after`. `outages` are windows
    (from, until) since the start, or since the manners were last set.
    """

    latency: tuple[float, float] = (0.0, 0.0)
    error: float = 0.0
    error_status: int = 503
    too_many: float = 0.0
    rate: int = 0
    retry_after: int = 1
    cut_before: float = 0.0
    cut_after: float = 0.0
    cut_within: float = 0.0
    malformed: float = 0.0
    hang: float = 0.0
    hang_time: float = 60.0
    outages: tuple[tuple[float, float], ...] = ()
    receipt_delay: tuple[float, float] = (0.05, 0.2)
    receipts_lost: float = 0.0
    receipts_doubled: float = 0.0
    receipts_reversed: float = 0.0
    receipts_unknown: float = 0.0

    def __post_init__(self) -> None:
        total = sum(getattr(self, fault.value) for fault in SHARES)
        if total > 1:
            raise ValueError(f"the shares of faults add up to {total}, more than 1")


#: A day as providers have them, and one when nothing goes right.
PRESETS = {
    "good": Manners(),
    "ordinary": Manners(
        latency=(0.08, 0.6),
        error=0.002,
        cut_after=0.0005,
        receipt_delay=(0.5, 8.0),
        receipts_lost=0.005,
        receipts_doubled=0.01,
        receipts_reversed=0.02,
    ),
    "bad": Manners(
        latency=(0.3, 4.0),
        error=0.03,
        too_many=0.02,
        cut_before=0.005,
        cut_after=0.005,
        cut_within=0.005,
        malformed=0.005,
        receipt_delay=(1.0, 30.0),
        receipts_lost=0.05,
        receipts_doubled=0.05,
        receipts_reversed=0.1,
        receipts_unknown=0.01,
    ),
}


def changed(manners: Manners, changes: dict[str, Any]) -> Manners:
    """`manners` with the named fields replaced; lists become tuples. Unknown names are errors."""
    unknown = changes.keys() - {field.name for field in fields(Manners)}
    if unknown:
        raise ValueError(f"no such manners: {', '.join(sorted(unknown))}")
    return replace(manners, **{name: _frozen(value) for name, value in changes.items()})


def shown(manners: Manners) -> dict[str, Any]:
    """The manners as JSON-ready data."""
    return asdict(manners)


def _frozen(value: Any) -> Any:
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


class Temper:
    """The dice. `now` is seconds on one monotonic clock throughout."""

    def __init__(self, manners: Manners, seed: int, now: float) -> None:
        self.random = Random(seed)
        self._second = (0, 0)
        self.adopt(manners, now)

    def adopt(self, manners: Manners, now: float) -> None:
        """Behave like `manners` from `now` on; the dice go on where they were."""
        self.manners = manners
        self._since = now
        self._limits = _cumulative(manners)

    def fault(self, now: float) -> Fault:
        """What befalls the request that arrived at `now`."""
        elapsed = now - self._since
        if any(start <= elapsed < end for start, end in self.manners.outages):
            return Fault.OUTAGE
        if self.manners.rate and self._exceeds_rate(now):
            return Fault.TOO_MANY
        return self._cast() if self._limits else Fault.NONE

    def latency(self) -> float:
        """Seconds to wait before the answer."""
        return log_normal(self.random, *self.manners.latency)

    def receipt_delay(self) -> float:
        """Seconds from one report of a message to the next."""
        return log_normal(self.random, *self.manners.receipt_delay)

    def happens(self, share: float) -> bool:
        """Cast a die only where there is something to decide."""
        return share > 0 and self.random.random() < share

    def _cast(self) -> Fault:
        drawn = self.random.random()
        for limit, fault in self._limits:
            if drawn < limit:
                return fault
        return Fault.NONE

    def _exceeds_rate(self, now: float) -> bool:
        second, count = self._second
        count = count + 1 if second == int(now) else 1
        self._second = (int(now), count)
        return count > self.manners.rate


def log_normal(random: Random, median: float, p99: float) -> float:
    """A log-normal draw with the given median and 99th percentile; a constant if they agree."""
    if p99 <= median or median <= 0:
        return median
    return random.lognormvariate(math.log(median), math.log(p99 / median) / Z99)


def _cumulative(manners: Manners) -> tuple[tuple[float, Fault], ...]:
    limits, total = [], 0.0
    for fault in SHARES:
        share = getattr(manners, fault.value)
        if share > 0:
            total += share
            limits.append((total, fault))
    return tuple(limits)
