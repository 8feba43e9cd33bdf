"""The verb that takes a pre-approved text out of use."""

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.ledger import desk, pages, preapproved
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def withdraw_preapproved(ledger: Ledger, actor: Actor, number: int) -> None:
    """Let nobody release a text any more. What went out stays."""
    authority.require("approve", actor.roles)
    with ledger.begin() as conn:
        row = preapproved.load(conn, number)
        if row is None or not authority.below(actor.path, row.path):
            raise NotFound("no_preapproved", "Không có mẫu này.", "There is no such text.")
        if not preapproved.withdraw(conn, number):
            raise Conflict(
                "not_in_use",
                "Mẫu này không còn dùng.",
                "This text is out of use already.",
            )
        now, subject = desk.now(conn), f"preapproved:{number}"
        pages.record(conn, "withdraw_preapproved", subject, actor=actor.account, at=now, facts={})
