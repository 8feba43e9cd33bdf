"""Group commit for callbacks: many words, one transaction, nobody answered before it is kept.

Each request thread lays its words down and queues for the pen; whoever gets it writes what lies
there for everybody. Under load a commit serves as many requests as there are threads.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.domain.model import StatusEvent
from dispatcher.domain.ports import Queue
from dispatcher.ledger import desk, receipts
from dispatcher.ledger.handles import SQLAlchemyError
from dispatcher.ledger.store import Ledger


@dataclass(slots=True)
class _Slip:
    """What one request brought. ``kept``: it is on disk; ``error``: why it is not."""

    route: int
    events: Sequence[StatusEvent]
    raw: bytes
    kept: bool = False
    error: SQLAlchemyError | None = None


class Intake:
    """One for all request threads of a process."""

    def __init__(self, ledger: Ledger, queue: Queue) -> None:
        self._ledger, self._queue = ledger, queue
        self._pen, self._table = threading.Lock(), threading.Lock()
        self._lying: list[_Slip] = []

    def keep(self, route: int, events: Sequence[StatusEvent], raw: bytes) -> None:
        """Return when the words are committed. Raises SQLAlchemyError: let the provider repeat."""
        slip = _Slip(route, events, raw)
        with self._table:
            self._lying.append(slip)
        with self._pen:
            if not (slip.kept or slip.error):
                self._write()
        if slip.error:
            raise slip.error
        self._queue.ring("track")

    def _write(self) -> None:
        with self._table:
            slips, self._lying = self._lying, []
        try:
            self._commit(slips)
        except SQLAlchemyError:
            for slip in slips:
                self._alone(slip)

    def _alone(self, slip: _Slip) -> None:
        """One that cannot be kept must not take its neighbours with it."""
        try:
            self._commit([slip])
        except SQLAlchemyError as error:
            slip.error = error

    def _commit(self, slips: Sequence[_Slip]) -> None:
        with self._ledger.begin() as conn:
            now = desk.now(conn)
            for slip in slips:
                receipts.store(conn, self._ledger.vault, slip.route, slip.events, slip.raw, now)
        for slip in slips:
            slip.kept = True
