"""What a speaker does on the network, each errand in a thread of its own."""

import logging
import random
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
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
    """Brings sounds to the cache: an emergency's first, then by the hour they are due.

    A sound that fails waits for its own next try, and holds up no other.
    """

    def __init__(self, wire: Wire, orders: Orders, cache: Cache, journal: Journal) -> None:
        self._wire = wire
        self._orders = orders
        self._cache = cache
        self._journal = journal
        self._said: set[tuple[str, int]] = set()
        self._failed: dict[str, int] = {}
        self._wrong: dict[str, int] = {}
        self._next_try: dict[str, float] = {}

    def run(self, stopping: threading.Event) -> None:
        while not stopping.wait(0.1):
            order = self._orders.current
            if order is not None:
                self._step([item for item in order.manifest.items if item.plays])

    def _step(self, items: Sequence[Item]) -> None:
        self._cache.keep_only({item.sha256 for item in items})
        for item in items:
            if self._cache.has(item.sha256):
                self._say_cached(item)
        wanted = [item for item in items if self._wanted(item)]
        if wanted:
            item = min(wanted, key=lambda each: (RANKS[each.level], each.plays[0].at))
            self._settle(item, self._cache.fetch(item, self._wire))

    def _wanted(self, item: Item) -> bool:
        waited = time.monotonic() >= self._next_try.get(item.sha256, 0.0)
        return waited and not self._cache.has(item.sha256)

    def _say_cached(self, item: Item) -> None:
        if (item.id, item.rev) not in self._said:
            self._said.add((item.id, item.rev))
            self._journal.say("cached", item=item.id, rev=item.rev, sha=item.sha256)

    def _settle(self, item: Item, fetched: Fetched) -> None:
        if fetched in {Fetched.WHOLE, Fetched.PART}:
            self._failed.pop(item.sha256, None)
            return
        failed = self._failed[item.sha256] = self._failed.get(item.sha256, 0) + 1
        pause_s = min(_FIRST_PAUSE_S * 2 ** min(failed - 1, 10), _LAST_PAUSE_S)
        self._next_try[item.sha256] = time.monotonic() + pause_s
        if fetched is Fetched.WRONG:
            self._count_wrong(item)

    def _count_wrong(self, item: Item) -> None:
        wrong = self._wrong[item.id] = self._wrong.get(item.id, 0) + 1
        if wrong == _WRONG_TRIES:
            facts = {"item": item.id, "rev": item.rev, "sha": item.sha256}
            self._journal.say("rejected", **facts, reason="wrong_sound", left=0)


def free_bytes(directory: Path) -> int:
    return shutil.disk_usage(directory).free
