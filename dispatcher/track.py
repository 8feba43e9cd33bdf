"""The verb that believes: words from providers, carriers, devices and people become statuses."""

from dispatcher.inbox import fold_inbox
from dispatcher.ledger import desk, dispatches, receipts
from dispatcher.ledger.store import Ledger


def track(ledger: Ledger) -> int:
    """Drain the inbox, dispatch by dispatch; return how many deliveries moved."""
    with ledger.read() as conn:
        waiting = receipts.dispatches_waiting(conn)
    return sum(_drain(ledger, dispatch_id) for dispatch_id in waiting)


def _drain(ledger: Ledger, dispatch_id: int) -> int:
    with ledger.begin() as conn:
        place = dispatches.place(conn, dispatch_id)
        if place is None:
            unknown = [row.id for row in receipts.of_dispatch(conn, dispatch_id)]
            receipts.mark(conn, unknown, receipts.UNMATCHED)
            return 0
        return fold_inbox(conn, place, desk.now(conn))
