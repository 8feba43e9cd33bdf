"""A request for approval with what it is about, as verbs that decide on it or start it need it."""

from dataclasses import dataclass
from typing import Any

from dispatcher.domain import authority
from dispatcher.domain.approvals import State, require_move
from dispatcher.domain.errors import NotFound
from dispatcher.ledger import approvals, bulletins, grants, registry
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor


@dataclass(frozen=True, slots=True)
class Request:
    """The approval's row, its version's (``bulletins.load_version``) and its agency's."""

    approval: Row[Any]
    version: Row[Any]
    owner: Row[Any]


def take(conn: Connection, actor: Actor, approval: int) -> Request:
    """A request of the actor's part of the tree, locked. Raises NotFound."""
    row = approvals.lock(conn, approval)
    version = bulletins.load_version(conn, row.version_id) if row else None
    owner = registry.load_agency(conn, version.agency_id) if version else None
    if not (row and version and owner and authority.below(actor.path, owner.path)):
        raise NotFound("no_approval", "Không có yêu cầu duyệt này.", "There is no such request.")
    return Request(row, version, owner)


def take_waiting(conn: Connection, actor: Actor, approval: int) -> Request:
    """One that nobody has decided on, as it was submitted.

    Raises NotFound, Conflict when it was dealt with, Unproven when it was edited since.
    """
    request = take(conn, actor, approval)
    require_move(State(request.approval.state), State.APPROVED)
    approvals.prove(conn, request.approval)
    return request


def check_eyes(conn: Connection, actor: Actor, request: Request) -> None:
    """Four eyes: neither author nor submitter decides, nor who has the role on loan from them."""
    principals = grants.principals(conn, actor.account, "approver")
    row, version = request.approval, request.version
    authority.may_decide(actor.account, version.created_by, row.submitted_by, principals)
