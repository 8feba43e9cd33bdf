"""The doorbell: dramatiq messages that carry no data but a lane."""

import logging
import threading
import time
from collections.abc import Callable

import dramatiq
from dramatiq.errors import DramatiqError

from dispatcher.domain.model import LANES

log = logging.getLogger(__name__)


def queue_of(verb: str, lane: int) -> str:
    """The dramatiq queue of a bell. Lanes have their own, so that each has its own workers."""
    return LANES[lane].value if verb == "deliver" else "engine"


#: A bell that was rung this recently is still being answered: ten thousand receipts a second
#: need not ring ten thousand times. What comes after it is found by tick at the latest.
_ECHO_S = 0.1


class DramatiqQueue:
    """Rings by name, so that whoever rings need not know the actors."""

    def __init__(
        self, broker: dramatiq.Broker, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._broker, self._monotonic = broker, monotonic
        self._rung: dict[tuple[str, int], float] = {}
        self.silent = False

    def ring(self, verb: str, lane: int = 0) -> None:
        """Ring once. A broker that is away is noted, not feared: tick looks at the rows."""
        now = self._monotonic()
        if now - self._rung.get((verb, lane), -1.0) < _ECHO_S:
            return
        self._rung[verb, lane] = now
        message: dramatiq.Message[None] = dramatiq.Message(
            queue_name=queue_of(verb, lane), actor_name=verb, args=(lane,), kwargs={}, options={}
        )
        try:
            self._broker.enqueue(message)
            self.silent = False
        except (DramatiqError, OSError) as error:
            if not self.silent:
                log.warning("the bell is away, tick goes on by itself: %s", type(error).__name__)
            self.silent = True


class InlineQueue:
    """Answers the bell itself, in the caller's thread, one ring at a time: for tests."""

    def __init__(self) -> None:
        self._verbs: dict[str, Callable[[int], object]] = {}
        self._waiting: list[tuple[str, int]] = []
        self._busy = threading.Lock()

    def answer(self, verb: str, work: Callable[[int], object]) -> None:
        """Say what a bell means."""
        self._verbs[verb] = work

    def ring(self, verb: str, lane: int = 0) -> None:
        if (verb, lane) not in self._waiting:
            self._waiting.append((verb, lane))

    def run(self) -> None:
        """Answer until it is quiet."""
        with self._busy:
            while self._waiting:
                verb, lane = self._waiting.pop(0)
                work = self._verbs.get(verb)
                if work:
                    work(lane)
