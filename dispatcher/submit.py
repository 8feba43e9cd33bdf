"""The verb that starts: an approved version becomes a dispatch. One transaction, then the bell."""

from collections.abc import Mapping

from dispatcher.domain import authority
from dispatcher.domain.approvals import Unproven
from dispatcher.domain.errors import NotFound
from dispatcher.domain.model import Traits
from dispatcher.domain.ports import Queue
from dispatcher.launch import launch
from dispatcher.ledger import dispatches, refusals
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.request import Request, take


def submit(
    ledger: Ledger,
    queue: Queue,
    traits: Mapping[str, Traits],
    actor: Actor,
    approval: int,
) -> int:
    """Start what was approved, now or at its time; return the dispatch's id.

    Raises Conflict when the approval is missing, was returned or superseded, is bound to another
    text, or is for another mode; when its time has passed; when a channel has no usable route.
    What was edited since it was approved leaves an event. The same approval starts once: a repeat
    returns the same dispatch.
    """
    authority.require("start", actor.roles)
    try:
        dispatch = _start(ledger, traits, actor, approval)
    except Unproven as error:
        refusals.note(ledger, "approval", f"approval:{approval}", error.code, actor=actor.account)
        raise
    queue.ring("expand")
    return dispatch


def _start(ledger: Ledger, traits: Mapping[str, Traits], actor: Actor, approval: int) -> int:
    with ledger.begin() as conn:
        what = _own(conn, actor, approval)
        started = dispatches.of_approval(conn, approval)
        if started is not None:
            return started
        return launch(conn, ledger.vault, traits, actor, what).dispatch


def _own(conn: Connection, actor: Actor, approval: int) -> Request:
    request = take(conn, actor, approval)
    if request.owner.id != actor.agency:
        raise NotFound("no_approval", "Không có yêu cầu duyệt này.", "There is no such request.")
    return request
