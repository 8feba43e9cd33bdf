"""The verb that resolves: an audience becomes deliveries, a chunk at a time."""

import time
from collections.abc import Callable, Mapping

from dispatcher.domain.model import TargetKind, Traits
from dispatcher.domain.plan import Plan
from dispatcher.domain.ports import Queue
from dispatcher.ledger import audiences, desk, expansions
from dispatcher.ledger.expansions import Lot
from dispatcher.ledger.store import Ledger

#: An expansion is ours this long; a chunk takes milliseconds.
LEASE_MS = 15_000
WORK_S = 10.0

#: Stage 0 cuts orders and loudspeakers, which are few and come first; stage 1 people.
_THINGS, _PEOPLE = 0, 1

Sizes = Callable[[Lot, str], int]


def expand(
    ledger: Ledger,
    queue: Queue,
    traits: Mapping[str, Traits],
    size: Sizes,
    *,
    work_s: float = WORK_S,
) -> int:
    """Cut what is to be cut for about ``work_s`` seconds; return how many deliveries were born.

    ``size``: (lot, channel) → deliveries per batch. The first batch is on its way while the last
    is still being cut: the bell is rung after every chunk.
    """
    until, born = time.monotonic() + work_s, 0
    while time.monotonic() < until:
        with ledger.begin() as conn:
            lot = expansions.claim(conn, LEASE_MS)
        if lot is None:
            return born
        try:
            born += _chunk(ledger, traits, size, lot)
        except LostLease:
            continue
        queue.ring("deliver", lot.lane)
    queue.ring("expand")
    return born


def _chunk(ledger: Ledger, traits: Mapping[str, Traits], size: Sizes, lot: Lot) -> int:
    plan = Plan.from_json(lot.plan)
    wanted = [traits[channel] for channel in plan.channels]
    if lot.stage == _THINGS:
        return _things(ledger, wanted, size, lot, plan)
    return _people(ledger, wanted, size, lot, plan)


def _things(ledger: Ledger, wanted: list[Traits], size: Sizes, lot: Lot, plan: Plan) -> int:
    with ledger.begin() as conn:
        now, born = desk.now(conn), 0
        for each in wanted:
            if each.target is TargetKind.SPEAKER:
                who = audiences.speakers(conn, plan.audience)
                cut = size(lot, each.channel)
                born += expansions.speakers(conn, lot, each, who, size=cut, now=now)
            elif each.target is TargetKind.ORDER:
                cut = size(lot, each.channel)
                born += expansions.orders(conn, lot, each, size=cut, now=now)
        if not expansions.advance(conn, lot, stage=_PEOPLE, cursor=0, done_at=None):
            raise LostLease(lot)
        expansions.release(conn, lot)
    return born


def _people(ledger: Ledger, wanted: list[Traits], size: Sizes, lot: Lot, plan: Plan) -> int:
    with ledger.begin() as conn:
        now, born = desk.now(conn), 0
        who = audiences.contacts(conn, plan.audience)
        channels = [each for each in wanted if each.target is TargetKind.ADDRESS]
        last = expansions.chunk_end(conn, lot, who) if channels else None
        for each in channels if last is not None else ():
            cut = size(lot, each.channel)
            born += expansions.people(conn, lot, each, who, last=last or 0, size=cut, now=now)
        done_at = now if last is None else None
        cursor = lot.cursor if last is None else last
        if not expansions.advance(conn, lot, stage=_PEOPLE, cursor=cursor, done_at=done_at):
            raise LostLease(lot)
        expansions.release(conn, lot)
    return born


class LostLease(Exception):
    """Somebody else expands this dispatch now; the chunk is undone and nothing is lost."""

    def __init__(self, lot: Lot) -> None:
        super().__init__(f"dispatch {lot.place.dispatch}")
