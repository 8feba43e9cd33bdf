"""The verb that takes back: who submitted a request withdraws it before anything has started."""

from dispatcher.domain import authority
from dispatcher.domain.approvals import State
from dispatcher.domain.errors import Conflict, Forbidden
from dispatcher.ledger import approvals, desk, dispatches, pages
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.request import take


def pull_back(ledger: Ledger, actor: Actor, approval: int) -> None:
    """Supersede one's own request, decided on or not. Raises Conflict once it has started."""
    authority.require("submit", actor.roles)
    with ledger.begin() as conn:
        request = take(conn, actor, approval)
        if actor.account not in {request.approval.submitted_by, request.version.created_by}:
            raise Forbidden(
                "others_request",
                "Chỉ người soạn hoặc người trình được rút lại.",
                "Only who wrote or submitted it can pull it back.",
            )
        started = dispatches.of_approval(conn, approval) is not None
        open_states = [State.SUBMITTED, State.APPROVED]
        if started or not approvals.supersede(conn, approval, open_states):
            raise Conflict(
                "already_decided",
                "Yêu cầu này đã được xử lý hoặc đã phát: không rút lại được. Dừng bằng loa cancel.",
                "This request was dealt with or has started: it cannot be pulled back. Cancel the "
                "dispatch instead.",
            )
        pages.record(
            conn,
            "pull_back",
            f"approval:{approval}",
            actor=actor.account,
            at=desk.now(conn),
            facts={"version": request.version.id, "was": request.approval.state},
        )
