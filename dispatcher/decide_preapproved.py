"""The verb that answers for a pre-approved text: whoever releases it at night relies on this."""

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.ledger import desk, grants, pages, preapproved
from dispatcher.ledger.preapproved import State
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def decide_preapproved(ledger: Ledger, actor: Actor, number: int, decision: State) -> None:
    """Approve or return what somebody else proposed (four eyes)."""
    authority.require("approve", actor.roles)
    with ledger.begin() as conn:
        now, row = desk.now(conn), preapproved.load(conn, number)
        if row is None or not authority.below(actor.path, row.path):
            raise NotFound("no_preapproved", "Không có mẫu này.", "There is no such text.")
        principals = grants.principals(conn, actor.account, "approver")
        authority.may_decide(actor.account, row.proposed_by, row.proposed_by, principals)
        if not preapproved.decide(conn, number, decision, actor.account, now):
            raise Conflict(
                "already_decided", "Mẫu này đã được xử lý.", "This text has been dealt with."
            )
        facts = {"digest": preapproved.value(row).digest.hex(), "state": decision.value}
        subject = f"preapproved:{number}"
        pages.record(conn, "decide_preapproved", subject, actor=actor.account, at=now, facts=facts)
