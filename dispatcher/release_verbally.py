"""The verb of the verbal order (lệnh miệng): what waits goes out, on record who ordered it."""

from collections.abc import Mapping

from dispatcher.approve import enter
from dispatcher.domain import authority
from dispatcher.domain.approvals import State, Unproven, VerbalOrder, Way, require_level
from dispatcher.domain.errors import BadInput, Forbidden
from dispatcher.domain.model import Traits
from dispatcher.domain.ports import Queue
from dispatcher.launch import launch
from dispatcher.ledger import bulletins, desk, refusals, registry
from dispatcher.ledger.approvals import Decision
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.vault import Vault
from dispatcher.on_duty import open_shift_of
from dispatcher.request import Request, take, take_waiting


def release_verbally(
    ledger: Ledger,
    queue: Queue,
    traits: Mapping[str, Traits],
    actor: Actor,
    approval: int,
    order: VerbalOrder,
) -> int:
    """Record an order given by word of mouth and start what it was about; return the dispatch.

    The recorder is on duty for the agency; whoever ordered it is an approver there or above, and
    neither wrote nor submitted it. That person, or another approver, confirms within 24 hours.
    """
    authority.require("release", actor.roles)
    try:
        with ledger.begin() as conn:
            dispatch = _release(conn, ledger.vault, traits, actor, approval, order)
    except Unproven as error:
        refusals.note(ledger, "approval", f"approval:{approval}", error.code, actor=actor.account)
        raise
    queue.ring("expand")
    return dispatch


def _release(
    conn: Connection,
    vault: Vault,
    traits: Mapping[str, Traits],
    actor: Actor,
    approval: int,
    order: VerbalOrder,
) -> int:
    now = desk.now(conn)
    request = take_waiting(conn, actor, approval)
    shift = open_shift_of(conn, actor)
    require_level(Way.VERBAL, bulletins.content_of(conn, request.version.id).level)
    order.check(now, actor.account)
    _check_orderer(conn, request, order.by, actor.mode)
    made = Decision(State.APPROVED, actor.account, now, way=Way.VERBAL, shift=shift.id, order=order)
    enter(conn, request, made, "release")
    return launch(conn, vault, traits, actor, take(conn, actor, approval)).dispatch


def _check_orderer(conn: Connection, request: Request, orderer: int, mode: str) -> None:
    """Raises BadInput unless the person may approve for that agency, Forbidden for its author."""
    person = registry.actor_for(conn, orderer, request.owner.id, mode)
    try:
        authority.require("approve", person.roles if person else ())
    except Forbidden:
        raise BadInput(
            "not_an_approver",
            "Người ra lệnh không có quyền duyệt của cơ quan này.",
            "Whoever gave the order may not approve for this agency.",
            field="orderer",
        ) from None
    authority.may_decide(orderer, request.version.created_by, request.approval.submitted_by)
