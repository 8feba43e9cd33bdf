"""The verb that answers for it: an approver releases, or returns, exactly what was submitted."""

from dispatcher.domain import authority
from dispatcher.domain.approvals import State, Unproven
from dispatcher.domain.errors import Conflict
from dispatcher.ledger import approvals, desk, pages, refusals
from dispatcher.ledger.approvals import Decision
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.request import Request, check_eyes, take_waiting

#: A decision → the act that enters it.
_ACTS = {State.APPROVED: "approve", State.RETURNED: "return"}


def approve(
    ledger: Ledger, actor: Actor, approval: int, *, note: str = "", decision: str = "approved"
) -> None:
    """Decide on what was submitted. ``decision``: ``approved`` or ``returned``.

    Bound to the digest of the content, every rendition and the terms. Author and submitter
    cannot decide; nor can somebody outside the agency and those above it. What was edited since
    it was submitted is refused and leaves an event.
    """
    authority.require("approve", actor.roles)
    try:
        with ledger.begin() as conn:
            request = take_waiting(conn, actor, approval)
            check_eyes(conn, actor, request)
            made = Decision(State(decision), actor.account, desk.now(conn), note)
            enter(conn, request, made, _ACTS[made.state])
    except Unproven as error:
        refusals.note(ledger, "approval", f"approval:{approval}", error.code, actor=actor.account)
        raise


def enter(conn: Connection, request: Request, decision: Decision, act: str) -> None:
    """Decide on a request and enter the act. Raises Conflict when it was decided on already."""
    row = request.approval
    if not approvals.decide(conn, row.id, decision):
        raise Conflict(
            "already_decided",
            "Yêu cầu này đã được người khác xử lý.",
            "Somebody else has decided this already.",
        )
    pages.record(
        conn,
        act,
        f"approval:{row.id}",
        actor=decision.by,
        at=decision.at,
        facts={**approvals.facts(row), **decision.facts()},
    )
