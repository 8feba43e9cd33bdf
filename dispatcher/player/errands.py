"""What a speaker does on the network, each errand in a thread of its own."""

import logging
import random
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from dispatcher.player.cache import Cache, Fetched
from dispatcher.player.journal import Journal
from dispatcher.player.manifest import RANKS, Item
from dispatcher.player.orders import Orders
from dispatcher.player.store import Store
from dispatcher.player.wire import NETWORK_ERRORS, Wire

log = logging.getLogger(__name__)

WAIT_S = 55

#: Lines of one report.
_MOST_LINES = 500

#: Pauses after failures grow from the first to the last, in seconds.
_FIRST_PAUSE_S = 0.5
_LAST_PAUSE_S = 30.0

#: Downloads of other bytes than promised, after which an item is reported as rejected.
_WRONG_TRIES = 3


class Pause:
    """Grows with each failure in a row; spread, so that a commune does not come back in step."""

    def __init__(self, stopping: threading.Event, luck: random.Random) -> None:
        self._stopping = stopping
        self._luck = luck
        self._next_s = _FIRST_PAUSE_S

    def reset(self) -> None:
        self._next_s = _FIRST_PAUSE_S

    def take(self) -> None:
        self._stopping.wait(self._next_s * self._luck.uniform(0.5, 1.0))
        self._next_s = min(2 * self._next_s, _LAST_PAUSE_S)


def poll(
    wire: Wire,
    orders: Orders,
    state: Callable[[], Mapping[str, object]],
    pause: Pause,
    stopping: threading.Event,
) -> None:
    """Hold a request open for the next manifest, for ever. The first one is answered at once,
    so that the clock is set."""
    wait_s = 0
    while not stopping.is_set():
        try:
            answer = wire.poll(orders.seq, state(), wait_s)
        except NETWORK_ERRORS as error:
            log.info("no answer: %s", error)
            pause.take()
            continue
        signature = answer.headers.get("loa-signature", "")
        good = answer.status == 304 or (
            answer.status == 200 and orders.consider(answer.body, signature)
        )
        if good:
            wait_s = WAIT_S
            pause.reset()
        else:
            log.warning("manifest not obeyed: HTTP %d", answer.status)
            pause.take()


def report(wire: Wire, store: Store, pause: Pause, stopping: threading.Event) -> None:
    """Hand in the log, and forget only what the server says it has."""
    while not stopping.is_set():
        lines = store.unreported(_MOST_LINES)
        if not lines:
            stopping.wait(0.2)
            continue
        try:
            store.forget(wire.report(lines))
            pause.reset()
        except NETWORK_ERRORS as error:
            log.info("log not handed in: %s", error)
            pause.take()


class Downloads:
    """Brings sounds to the cache: an emergency's first, then by the hour they are due."""

    def __init__(self, wire: Wire, orders: Orders, cache: Cache, journal: Journal) -> None:
        self._wire = wire
        self._orders = orders
        self._cache = cache
        self._journal = journal
        self._said: set[tuple[str, int]] = set()
        self._wrong: dict[str, int] = {}

    def run(self, pause: Pause, stopping: threading.Event) -> None:
        while not stopping.is_set():
            item = self._next()
            if item is None:
                stopping.wait(0.1)
            elif self._fetch(item):
                pause.reset()
            else:
                pause.take()

    def _next(self) -> Item | None:
        """The next item whose sound is missing; says of the others that they are cached."""
        order = self._orders.current
        items = order.manifest.items if order else ()
        wanted = [item for item in items if item.plays]
        for item in wanted:
            if self._cache.has(item.sha256):
                self._say_cached(item)
        self._cache.keep_only({item.sha256 for item in items})
        missing = [item for item in wanted if not self._cache.has(item.sha256)]
        return min(missing, key=self._urgency, default=None)

    def _urgency(self, item: Item) -> tuple[int, int, int]:
        """A sound that keeps coming wrong lets others of its level pass."""
        return RANKS[item.level], self._wrong.get(item.id, 0), item.plays[0].at

    def _say_cached(self, item: Item) -> None:
        if (item.id, item.rev) not in self._said:
            self._said.add((item.id, item.rev))
            self._journal.say("cached", item=item.id, rev=item.rev, sha=item.sha256)

    def _fetch(self, item: Item) -> bool:
        fetched = self._cache.fetch(item, self._wire)
        if fetched is Fetched.WRONG:
            self._wrong[item.id] = self._wrong.get(item.id, 0) + 1
            if self._wrong[item.id] == _WRONG_TRIES:
                facts = {"item": item.id, "rev": item.rev, "sha": item.sha256}
                self._journal.say("rejected", **facts, reason="wrong_sound", left=0)
        return fetched is Fetched.WHOLE


def free_bytes(directory: Path) -> int:
    return shutil.disk_usage(directory).free
