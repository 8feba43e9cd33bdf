"""What time it is, for a machine that may have no clock worth the name."""

import threading
import time
from collections.abc import Callable

#: A sample is replaced by one with a shorter round trip, or after this long.
_SAMPLE_AGE_S = 3600

#: Nothing is learnt from an exchange that took longer; a long-poll's stamp is no sample.
_LONGEST_ROUND_TRIP_S = 5

#: A change of our idea of the time that is worth a line in the log.
_STEP_MS = 2000


class Clock:
    """Server time in epoch ms, carried by the monotonic clock from the best sample heard.

    ``wall`` tells epoch seconds and is believed only if ``rtc``.
    """

    def __init__(
        self,
        wall: Callable[[], float],
        *,
        rtc: bool,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._base_ms = (wall() - monotonic()) * 1000
        self._off_ms = 0.0
        self._round_trip = float("inf")
        self._heard_at = float("-inf")
        self._synchronised = rtc
        self._lock = threading.Lock()

    @property
    def synchronised(self) -> bool:
        """Whether hours may be trusted."""
        return self._synchronised

    @property
    def off_ms(self) -> int:
        """How far the host's clock was found to be from the server's."""
        return round(self._off_ms)

    def now(self) -> int:
        return round(self.monotonic() * 1000 + self._base_ms + self._off_ms)

    def monotonic(self) -> float:
        """Seconds since some start."""
        return self._monotonic()

    def hear(self, server_ms: int, sent: float, received: float) -> int:
        """Learn from a stamped reply; the step in ms if it moves a known time by more than 2 s."""
        round_trip = received - sent
        with self._lock:
            stale = received - self._heard_at > _SAMPLE_AGE_S
            if round_trip > _LONGEST_ROUND_TRIP_S or not (stale or round_trip < self._round_trip):
                return 0
            off_ms = server_ms - ((sent + received) / 2 * 1000 + self._base_ms)
            step = off_ms - self._off_ms if self._synchronised else 0
            self._off_ms, self._round_trip, self._heard_at = off_ms, round_trip, received
            self._synchronised = True
        return round(step) if abs(step) > _STEP_MS else 0
