"""The verb that takes a right back before its end."""

from typing import Any

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.ledger import desk, grants
from dispatcher.ledger.handles import Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def revoke(ledger: Ledger, actor: Actor, number: int) -> None:
    """End a grant at the administrator's agency or below it, or a loan of one's own, now.

    Raises NotFound outside the actor's part of the tree, Forbidden without the role or for one's
    own right, Conflict when it was revoked before.
    """
    with ledger.begin() as conn:
        row = grants.load(conn, number)
        if row is None or not authority.below(actor.path, row.path):
            raise NotFound("no_grant", "Không có quyền này.", "There is no such grant.")
        _check(actor, row)
        if not grants.revoke(conn, number, by=actor.account, now=desk.now(conn)):
            raise Conflict("grant_revoked", "Quyền đã thu hồi.", "The grant is revoked already.")


def _check(actor: Actor, row: Row[Any]) -> None:
    """Who comes back from leave takes their own role back without asking anybody."""
    if row.delegated_by == actor.account:
        return
    authority.require("grant", actor.roles)
    authority.may_grant(actor.account, row.account_id)
