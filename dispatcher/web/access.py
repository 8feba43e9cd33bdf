"""The one funnel: who is asking, and the only ways to load anything on their behalf.

What is outside the actor's part of the agencies' tree does not exist for them: 404, never 403.
"""

from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from dispatcher.bootstrap import Runtime
from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, Forbidden, NotFound, Unauthorised
from dispatcher.ledger import (
    accounts,
    dispatches,
    grants,
    keys,
    reading,
    refusals,
    registry,
    requests,
    shifts,
)
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.outside import load as load_outside
from dispatcher.ledger.preapproved import load as load_preapproved
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.transition import Place

_bearer = HTTPBearer(
    auto_error=False, scheme_name="key", description="An API key: `loa_live_…` or `loa_test_…`."
)

#: Larger than any id: where a newest-first listing begins.
NEWEST = 2**62


def runtime(request: Request) -> Runtime:
    """What the application was built on."""
    found: Runtime = request.app.state.runtime
    return found


Here = Annotated[Runtime, Depends(runtime)]


def by_key(
    here: Here, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Actor:
    """Whose API key came with the request. Raises Unauthorised."""
    with here.ledger.read() as conn:
        found = keys.opened(conn, given.credentials) if given else None
    if isinstance(found, Actor):
        return found
    if found is not None:
        subject = f"key:{found.prefix}"
        refusals.note(here.ledger, "key", subject, found.why, actor=found.account)
    raise Unauthorised(
        "no_key",
        "Cần khóa API hợp lệ trong tiêu đề Authorization: Bearer …",
        "A valid API key is needed in the header Authorization: Bearer …",
    )


Me = Annotated[Actor, Depends(by_key)]


def dispatch(conn: Connection, actor: Actor, dispatch_id: int) -> Row[Any]:
    """A dispatch of the actor's part of the tree and mode, with its agency's path and name."""
    row = _theirs(actor, dispatches.load(conn, dispatch_id))
    if row.mode != actor.mode:
        raise nothing()
    return row


def bulletin(conn: Connection, actor: Actor, bulletin_id: int) -> Row[Any]:
    """A bulletin of the actor's agency or of one below it."""
    return _theirs(actor, reading.bulletin_row(conn, bulletin_id))


def own_bulletin(conn: Connection, actor: Actor, bulletin_id: int) -> Row[Any]:
    """A bulletin that the actor may write another version of: their own agency's."""
    row = bulletin(conn, actor, bulletin_id)
    if row.agency_id != actor.agency:
        raise Forbidden(
            "other_agency",
            "Bản tin của cơ quan khác: chỉ cơ quan soạn mới được sửa.",
            "Another agency's bulletin: only its author's agency may change it.",
        )
    return row


def approval(conn: Connection, actor: Actor, approval_id: int) -> Row[Any]:
    """A request for approval of the actor's agency or of one below it."""
    return _theirs(actor, requests.load(conn, approval_id))


def shift(conn: Connection, actor: Actor, number: int) -> Row[Any]:
    """A duty shift of the actor's agency or of one below it."""
    return _theirs(actor, shifts.load(conn, number))


def preapproved(conn: Connection, actor: Actor, number: int) -> Row[Any]:
    """A pre-approved text of the actor's agency or of one below it."""
    return _theirs(actor, load_preapproved(conn, number))


def delivery(
    conn: Connection, actor: Actor, dispatch_id: int, delivery_id: int
) -> tuple[Place, Row[Any]]:
    """One delivery of a dispatch that the actor may see."""
    parent = dispatch(conn, actor, dispatch_id)
    spot = Place(parent.id, parent.part)
    row = reading.delivery_row(conn, spot, delivery_id)
    if row is None:
        raise nothing()
    return spot, row


def outside_approval(conn: Connection, actor: Actor, number: int) -> Row[Any]:
    """A request to somebody outside, of the actor's agency or of one below it."""
    return _theirs(actor, load_outside(conn, number))


def agency(conn: Connection, actor: Actor, number: int) -> Row[Any]:
    """The actor's agency or one below it."""
    return _theirs(actor, registry.load_agency(conn, number))


def account(conn: Connection, actor: Actor, number: int) -> Row[Any]:
    """An account of the actor's agency or of one below it, open or closed."""
    return _theirs(actor, accounts.load(conn, number))


def grant(conn: Connection, actor: Actor, number: int) -> Row[Any]:
    """A right at the actor's agency or one below it."""
    return _theirs(actor, grants.load(conn, number))


def key(conn: Connection, actor: Actor, number: int) -> Row[Any]:
    """An API key for the actor's agency or one below it, without its hash."""
    return _theirs(actor, keys.load(conn, number))


def lists(conn: Connection, actor: Actor, ids: list[int]) -> None:
    """Raises BadInput unless all these contact lists are of the actor's part of the tree."""
    if reading.foreign_lists(conn, ids, actor.path):
        raise BadInput(
            "unknown_list",
            "Không có danh sách người nhận này.",
            "There is no such contact list.",
            field="audience.lists",
        )


def may(actor: Actor, act: str) -> bool:
    """Whether one of the actor's roles allows the act, for showing what can be done."""
    return any(act in authority.RIGHTS.get(role, ()) for role in actor.roles)


def _theirs(actor: Actor, row: Row[Any] | None) -> Row[Any]:
    if row is None or not authority.below(actor.path, row.path):
        raise nothing()
    return row


def nothing() -> NotFound:
    """What everybody is told of what they may not know."""
    return NotFound("not_found", "Không có ở đây.", "There is nothing here.")
