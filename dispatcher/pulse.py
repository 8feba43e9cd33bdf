"""The engine's own heartbeat in every worker process: work goes on without any bell.

Redis is only a doorbell. When it is away, this thread finds in the rows what there is to do and
does it; when it is there, a beat costs a few cheap queries a second.
"""

import logging
import threading
from collections.abc import Callable, Mapping

import dramatiq

from dispatcher.bootstrap import Runtime
from dispatcher.domain.model import LANES

log = logging.getLogger(__name__)


class PulseThread(dramatiq.Middleware):
    """Starts with the worker process and stops with it."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._over = threading.Event()
        self._threads: list[threading.Thread] = []

    def after_worker_boot(self, _broker: dramatiq.Broker, _worker: dramatiq.Worker) -> None:
        for name, run in (("pulse", self._beat), ("sealing", self._seal)):
            thread = threading.Thread(target=run, name=name, daemon=True)
            thread.start()
            self._threads.append(thread)

    def before_worker_shutdown(self, _broker: dramatiq.Broker, _worker: dramatiq.Worker) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(timeout=30)

    def _beat(self) -> None:
        while not self._over.wait(self._runtime.settings.tick_s):
            try:
                beat(self._runtime.verbs)
            except Exception:
                # The engine's heart must not stop for any one thing that goes wrong in a beat;
                # what it is stays in the log, and the rows are as they were.
                log.exception("a beat failed; the next one tries again")

    def _seal(self) -> None:
        """Beside the beats: one of them may take longer than pages may wait."""
        settings = self._runtime.settings
        while not self._over.wait(min(settings.tick_s, settings.merge_delay_s / 4)):
            self._runtime.verbs["seal"](0)


def beat(verbs: Mapping[str, Callable[[int], object]]) -> None:
    """Everything that may be due, once, in this thread: tick, expand, track, each lane."""
    verbs["tick"](0)
    verbs["expand"](0)
    verbs["track"](0)
    for lane in range(len(LANES)):
        verbs["deliver"](lane)
