"""The simulated time of day: it may start anywhere and run faster than ours."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

HANOI = timezone(timedelta(hours=7), "+07:00")


class Clock:
    """Tells simulated time in UTC and how many real seconds remain until a simulated moment.

    `start` is the simulated time now, `pace` the simulated seconds per real second.
    """

    def __init__(
        self,
        start: datetime | None = None,
        pace: float = 1.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start = start or datetime.now(UTC)
        self._pace = pace
        self._monotonic = monotonic
        self._origin = monotonic()

    def now(self) -> datetime:
        """The simulated time."""
        elapsed = (self._monotonic() - self._origin) * self._pace
        return self._start.astimezone(UTC) + timedelta(seconds=elapsed)

    def until(self, moment: datetime) -> float:
        """Real seconds until `moment`; zero when it has passed."""
        return max(0.0, (moment - self.now()).total_seconds() / self._pace)

    def millis(self) -> int:
        """The simulated time as milliseconds since 1970."""
        return int(self.now().timestamp() * 1000)
