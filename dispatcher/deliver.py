"""The verb that sends: claim a batch, then window by window slots, intent, wire."""

import logging
import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from channels.base import Channel
from dispatcher import consequences
from dispatcher.batch_run import BatchRun
from dispatcher.domain.errors import Misconfigured
from dispatcher.domain.model import Traits
from dispatcher.domain.ports import Queue
from dispatcher.holding import Holding
from dispatcher.ledger import batches, routes
from dispatcher.ledger.routes import Route
from dispatcher.ledger.store import Ledger
from dispatcher.press import Press
from dispatcher.recover import recover

log = logging.getLogger(__name__)

#: A worker holds a batch this long at a time; a timer renews it every third of it.
LEASE_MS = 15_000

#: How long one call works before it rings again, so that lanes and shutdowns get their turn.
WORK_S = 10.0


@dataclass(frozen=True, slots=True)
class Means:
    """What deliver works with. ``connect``: route → channel, pooled per thread."""

    ledger: Ledger
    traits: Mapping[str, Traits]
    connect: Callable[[Route], Channel]
    queue: Queue
    press: Press
    holder: str
    jitter: Callable[[], float] = random.random
    lease_ms: int = LEASE_MS


def deliver(means: Means, lane: int, *, work_s: float = WORK_S) -> int:
    """Send what a lane has, for about ``work_s`` seconds; return how many tries were made.

    The guarantee: every delivery whose dispatch runs is tried until it has an outcome, its
    deadline passes or its tries are used; nothing is skipped silently. A try is recorded before
    it is made. A crash leaves at most what was in flight ambiguous, and that is resolved by the
    provider's idempotency, by the level, or held as ``unknown`` for a person: never resent
    silently, never forgotten.
    """
    until, tries = time.monotonic() + work_s, 0
    while time.monotonic() < until:
        with means.ledger.begin() as conn:
            claimed = batches.claim(conn, lane, means.holder, means.lease_ms)
        if claimed is None:
            return tries
        holding = _hold(means, claimed)
        if claimed.recovered and not recover(holding, means.traits):
            continue
        try:
            channel = means.connect(holding.route)
        except Misconfigured as error:
            consequences.of_settings(holding, error)
            continue
        tries += BatchRun(holding, channel, means.press).run()
    means.queue.ring("deliver", lane)
    return tries


def _hold(means: Means, claimed: batches.Claim) -> Holding:
    with means.ledger.read() as conn:
        route = routes.load(conn, means.ledger.vault, claimed.route)
    if route is None:
        raise LookupError(f"route {claimed.route} vanished")
    return Holding(means.ledger, claimed, route, means.holder, means.jitter, means.lease_ms)
