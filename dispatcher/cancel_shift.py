"""The verb that ends a duty shift before its time."""

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.ledger import desk, pages, shifts
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.open_shift import require_either


def cancel_shift(ledger: Ledger, actor: Actor, shift: int) -> None:
    """Let a shift give no right any more. Raises Conflict when it is over."""
    require_either(actor)
    with ledger.begin() as conn:
        row = shifts.load(conn, shift)
        if row is None or not authority.below(actor.path, row.path):
            raise NotFound("no_shift", "Không có ca trực này.", "There is no such shift.")
        now = desk.now(conn)
        if not shifts.cancel(conn, shift, actor.account, now):
            raise Conflict(
                "shift_over",
                "Ca trực đã kết thúc hoặc đã hủy.",
                "The shift is over or was cancelled.",
            )
        subject = f"shift:{shift}"
        pages.record(conn, "cancel_shift", subject, actor=actor.account, at=now, facts={})
