"""The verb of time: due schedules, due retries, deadlines, alarms, roll-ups, lost bells."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from dispatcher.domain.model import LANES, DispatchState, Level
from dispatcher.domain.ports import Queue
from dispatcher.escalate import escalate
from dispatcher.ledger import (
    backlog,
    batches,
    deliveries,
    desk,
    dispatches,
    expansions,
    page_leaves,
    receipts,
    tallies,
)
from dispatcher.ledger.batches import NewBatch
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Place
from dispatcher.replace import replace_earlier
from dispatcher.settle import Settling, settle
from dispatcher.watch import Patience, watch
from dispatcher.watch_outside import watch_outside

_LEASE_MS = 10_000
#: Retries gathered into one batch.
_GATHER = 500


@dataclass(frozen=True, slots=True)
class Pulse:
    """What tick works with."""

    settling: Settling
    queue: Queue
    patience: Patience
    holder: str


def tick(pulse: Pulse) -> None:
    """One beat. Any number may run; a lease row keeps them apart."""
    ledger = pulse.settling.ledger
    with ledger.begin() as conn:
        if not desk.lease(conn, "tick", pulse.holder, _LEASE_MS):
            return
        _start_due(conn)
    _gather_retries(ledger)
    settle(pulse.settling)
    watch(ledger, pulse.settling.traits, pulse.patience)
    escalate(ledger)
    watch_outside(ledger)
    with ledger.begin() as conn:
        tallies.roll_up(conn)
    with ledger.begin() as conn:
        page_leaves.ensure(conn)
    _ring(ledger, pulse.queue)


def _start_due(conn: Connection) -> None:
    now = desk.now(conn)
    for row in dispatches.in_state(conn, DispatchState.SCHEDULED):
        if row.start_at <= now:
            was = [DispatchState.SCHEDULED]
            dispatches.set_state(conn, row.id, DispatchState.RUNNING, was=was)
            replace_earlier(conn, row.id)


def _gather_retries(ledger: Ledger) -> None:
    """Put deliveries whose next try is due into batches by id list, dispatch by dispatch."""
    with ledger.read() as conn:
        running = dispatches.in_state(conn, DispatchState.RUNNING)
    for row in running:
        with ledger.begin() as conn:
            _gather(conn, row.id, row.part, row.agency_id, row.level)


def _gather(conn: Connection, dispatch_id: int, part: int, agency: int, level: str) -> None:
    place, now = Place(dispatch_id, part), desk.now(conn)
    due: Mapping[tuple[str, int], list[int]] = defaultdict(list)
    for row in deliveries.due_retries(conn, place, now, _GATHER):
        due[row.channel, row.step].append(row.id)
    batches.add(
        conn,
        dispatch_id,
        [
            NewBatch(
                channel=channel,
                step=step,
                lane=LANES.index(Level(level)),
                agency=agency,
                due_at=now,
                lo=ids[0],
                hi=ids[-1],
                count=len(ids),
                ids=ids,
            )
            for (channel, step), ids in due.items()
        ],
    )
    gathered = [each for ids in due.values() for each in ids]
    if gathered:
        deliveries.clear_retry(conn, place, gathered)


def _ring(ledger: Ledger, queue: Queue) -> None:
    """Ring for whatever is waiting: a bell that was lost is heard now."""
    with ledger.read() as conn:
        lanes = backlog.lanes_waiting(conn)
        unexpanded = expansions.waiting(conn)
        words = receipts.dispatches_waiting(conn)
    for lane in lanes:
        queue.ring("deliver", lane)
    if unexpanded:
        queue.ring("expand")
    if words:
        queue.ring("track")
