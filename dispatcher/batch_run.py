"""One batch in a worker's hands: window by window rate slots, intent, wire, outcomes.

Two writes a window and none per recipient: the intent is a watermark on the batch row, committed
together with the outcomes of the window before. No transaction is open while the network is
talked to.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from channels.base import Channel
from dispatcher import consequences
from dispatcher.domain import cost
from dispatcher.domain.errors import Failure, LoaError
from dispatcher.domain.model import (
    Accepted,
    Handed,
    Level,
    Outcome,
    Parcel,
    Payload,
    Reference,
    Refused,
    StatusEvent,
    Unclear,
)
from dispatcher.domain.personal import heeds_opt_out
from dispatcher.domain.status import Evidence, Reason, Standing, Status
from dispatcher.holding import Holding
from dispatcher.ledger import batches, deliveries, desk, receipts, routes
from dispatcher.ledger.deliveries import Due
from dispatcher.ledger.handles import Connection, SQLAlchemyError
from dispatcher.ledger.transition import Move, transition
from dispatcher.outcomes import Terms, move
from dispatcher.press import Press

log = logging.getLogger(__name__)

#: At most this share of a second's rate is taken from the bucket at once.
_SLOT_SHARE = 0.25

#: On a database this slow, so many times in a row, slots are used late rather than never.
_SLOT_TRIES = 3


@dataclass(slots=True)
class Window:
    """Deliveries whose intent is written together, and what came back."""

    due: Sequence[Due] = ()
    outcomes: list[tuple[Due, Outcome]] = field(default_factory=list)

    @property
    def failures(self) -> list[Failure]:
        return [
            outcome.failure
            for _, outcome in self.outcomes
            if isinstance(outcome, (Refused, Unclear))
        ]


class BatchRun:
    """Sends one batch; ends when it is empty, fenced off, stopped, or its route fails."""

    def __init__(self, holding: Holding, channel: Channel, press: Press) -> None:
        self._hold, self._channel, self._press = holding, channel, press
        self._claimed = holding.claimed

    def run(self) -> int:
        """Send what is left of the batch; return the number of tries."""
        self._spare()
        with self._hold.ledger.read() as conn:
            due = deliveries.unsent(conn, self._hold.ledger.vault, self._claimed)
        with LeaseKeeper(self._hold):
            return self._windows(due)

    def _spare(self) -> None:
        """Ask again, just before sending, who does not want it. An emergency asks nobody."""
        if not heeds_opt_out(Level(self._claimed.level)):
            return
        with self._hold.ledger.read() as conn:
            refusing = deliveries.withdrawn(conn, self._claimed)
        if not refusing:
            return
        with self._hold.ledger.begin() as conn:
            if not batches.holds(conn, self._claimed, self._hold.holder):
                return
            moves = [
                Move(row.id, Standing(row.attempt, Status.SUPPRESSED, Reason.OPTED_OUT))
                for row in refusing
                if row.attempt == 1
            ]
            transition(conn, self._claimed.place, moves, actor=0, now=desk.now(conn))

    def _windows(self, due: Sequence[Due]) -> int:
        size = max(1, min(self._channel.traits.window, int(self._hold.route.rate * _SLOT_SHARE)))
        before, start = Window(), 0
        while start < len(due):
            window = Window(due[start : start + size])
            if not self._intend(before, window):
                return start
            self._send(window)
            start += len(window.due)
            before = window
            if consequences.of_window(self._hold, window.failures, len(window.due)).gives_back:
                break
        self._close(before, whole=start >= len(due))
        return start

    def _intend(self, before: Window, window: Window) -> bool:
        """Write the last outcomes and the next intent together; False: send nothing more."""
        with self._hold.ledger.begin() as conn:
            if not self._flush(conn, before):
                return False
            if batches.intend(conn, self._claimed, self._hold.holder, window.due[-1].id):
                return True
            batches.give_back(conn, self._claimed, desk.now(conn))
            return False

    def _close(self, last: Window, *, whole: bool) -> None:
        with self._hold.ledger.begin() as conn:
            if not self._flush(conn, last):
                return
            if whole:
                batches.finish(conn, self._claimed)
            else:
                batches.give_back(conn, self._claimed, desk.now(conn))

    def _flush(self, conn: Connection, window: Window) -> bool:
        """Prove the epoch, then write a window's outcomes.

        A worker that was fenced off posts what it learnt to the inbox instead, where whoever
        holds the batch now will find it.
        """
        now = desk.now(conn)
        if not batches.holds(conn, self._claimed, self._hold.holder):
            log.warning("fenced off from batch %s", self._claimed.batch)
            self._post(conn, window, now)
            return False
        terms = self._terms(now)
        moves = [
            move(due.id, due.attempt, outcome, terms, changes=due.changes)
            for due, outcome in window.outcomes
        ]
        transition(conn, self._claimed.place, moves, actor=0, now=now)
        return True

    def _terms(self, now: int) -> Terms:
        return Terms(
            traits=self._channel.traits,
            level=Level(self._claimed.level),
            route=self._hold.route.id,
            now=now,
            valid_until=self._claimed.valid_until,
            jitter=self._hold.jitter,
        )

    def _post(self, conn: Connection, window: Window, now: int) -> None:
        events = [
            event
            for due, outcome in window.outcomes
            if (event := _learnt(self._reference(due), outcome, now)) is not None
        ]
        vault = self._hold.ledger.vault
        receipts.store(conn, vault, self._hold.route.id, events, b"fenced off", now)

    def _send(self, window: Window) -> None:
        ready: list[Due] = []
        payloads: list[Payload] = []
        for due in window.due:
            payload = self._payload(due)
            if isinstance(payload, Failure):
                window.outcomes.append((due, Refused(payload)))
            else:
                ready.append(due)
                payloads.append(payload)
        if ready:
            told = dict(self._channel.send(self._parcels(ready, payloads)))
            silence = Unclear(Failure(Reason.INTERNAL, words="the channel said nothing"))
            window.outcomes += [(due, told.get(index, silence)) for index, due in enumerate(ready)]

    def _payload(self, due: Due) -> Payload | Failure:
        if not due.to:
            return Failure(Reason.ERASED)
        try:
            return self._press.payload(self._claimed, due, plain=self._hold.route.unaccent)
        except LoaError as error:
            return Failure(Reason.RENDER_ERROR, words=error.en)

    def _parcels(self, due: Sequence[Due], payloads: Sequence[Payload]) -> list[Parcel]:
        """Parcels with their dated slots, as many parts apart as each is billed."""
        costs = [cost.parts(self._channel.traits, payload) for payload in payloads]
        slot, gap = self._slots(sum(costs))
        parcels = []
        for each, payload, parts in zip(due, payloads, costs, strict=True):
            parcels.append(
                Parcel(
                    ref=self._reference(each),
                    address=each.to,
                    payload=payload,
                    not_before=slot,
                    valid_until=self._claimed.valid_until,
                    level=Level(self._claimed.level),
                )
            )
            slot += gap * parts
        return parcels

    def _slots(self, parts: int) -> tuple[float, float]:
        """The first of ``parts`` slots on the monotonic clock, and the seconds between two.

        The slots' date is the database's at the end of its statement. Slots that a slow commit
        has made too old are dead: others are taken.
        """
        for _ in range(_SLOT_TRIES):
            with self._hold.ledger.begin() as conn:
                wait, gap = routes.take_slots(
                    conn, self._hold.route.id, parts, self._hold.route.rate
                )
                slot = time.monotonic() + wait
            late = time.monotonic() - slot
            if late <= routes.SLOT_LIFE_S:
                break
        return slot + max(0.0, late), gap

    def _reference(self, due: Due) -> Reference:
        return Reference(self._claimed.place.dispatch, due.id, due.attempt)


def _learnt(ref: Reference, outcome: Outcome, now: int) -> StatusEvent | None:
    """What a fenced worker can say for certain; the rest is for whoever recovers the batch."""
    match outcome:
        case Accepted(provider_ref):
            return StatusEvent(ref, Status.ACCEPTED, provider_ref=provider_ref, at=now)
        case Handed(provider_ref):
            return StatusEvent(
                ref, Status.SENDING, evidence=Evidence.NONE, provider_ref=provider_ref, at=now
            )
        case Refused(failure) if not failure.again:
            return StatusEvent(ref, Status.FAILED, failure.reason, code=failure.code, at=now)
    return None


class LeaseKeeper:
    """Renews a lease every third of it, by the monotonic clock rather than by progress."""

    def __init__(self, holding: Holding) -> None:
        self._hold, self._over = holding, threading.Event()
        self._thread = threading.Thread(target=self._keep, name="lease", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _keep(self) -> None:
        hold = self._hold
        while not self._over.wait(hold.lease_ms / 3000):
            try:
                with hold.ledger.begin() as conn:
                    if not batches.renew(conn, hold.claimed, hold.holder, hold.lease_ms):
                        return
            except SQLAlchemyError:
                # Two more tries fit into the lease; after it the epoch fences us off.
                log.warning("a lease could not be renewed", exc_info=True)
