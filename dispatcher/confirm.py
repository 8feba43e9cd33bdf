"""The verb that stands by it afterwards: another approver confirms what one person released."""

from dispatcher.domain import authority
from dispatcher.domain.alarms import Alarm
from dispatcher.domain.approvals import State, may_confirm
from dispatcher.domain.errors import Conflict
from dispatcher.ledger import approvals, desk, dispatches, grants, pages
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.request import Request, take

#: What falls silent when it is confirmed.
_ANSWERED = (Alarm.UNCONFIRMED, Alarm.ON_BEHALF)


def confirm(ledger: Ledger, actor: Actor, approval: int) -> None:
    """Confirm a release, late or in time. Raises Forbidden for whoever had a hand in it.

    Whoever gave a verbal order may confirm it; who recorded it may not.
    """
    authority.require("approve", actor.roles)
    with ledger.begin() as conn:
        now, request = desk.now(conn), take(conn, actor, approval)
        _check(conn, actor, request)
        if not approvals.confirm(conn, approval, actor.account, now):
            raise Conflict(
                "nothing_to_confirm",
                "Yêu cầu này không cần xác nhận hoặc đã được xác nhận.",
                "This needs no confirmation, or has been confirmed.",
            )
        _clear(conn, approval, now)
        late = now > request.approval.confirm_by
        facts = {"version": request.version.id, "late": late}
        subject = f"approval:{approval}"
        pages.record(conn, "confirm", subject, actor=actor.account, at=now, facts=facts)


def _check(conn: Connection, actor: Actor, request: Request) -> None:
    """Nor does a delegate of somebody who had a hand in it: it would be their own word again."""
    row = request.approval
    if row.state == State.APPROVED:
        hands = {row.submitted_by, row.decided_by, request.version.created_by}
        for each in (actor.account, *grants.principals(conn, actor.account, "approver")):
            may_confirm(each, hands)


def _clear(conn: Connection, approval: int, now: int) -> None:
    dispatch = dispatches.of_approval(conn, approval)
    if dispatch is None:
        return
    for code in _ANSWERED:
        for subject in (f"approval:{approval}", f"approval:{approval}:above"):
            desk.clear_alarm(conn, dispatch, code, subject, now)
