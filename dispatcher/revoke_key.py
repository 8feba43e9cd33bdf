"""The verb that shuts a program out."""

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.ledger import desk, keys
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def revoke_key(ledger: Ledger, actor: Actor, number: int) -> None:
    """End a key for the administrator's agency or one below it; or one's own, which anybody may.

    Raises NotFound outside the actor's part of the tree, Forbidden without the role, Conflict when
    it was revoked before.
    """
    with ledger.begin() as conn:
        row = keys.load(conn, number)
        if row is None or not authority.below(actor.path, row.path):
            raise NotFound("no_key", "Không có khóa này.", "There is no such key.")
        if row.account_id != actor.account:
            authority.require("grant", actor.roles)
        if not keys.revoke(conn, number, by=actor.account, now=desk.now(conn)):
            raise Conflict("key_revoked", "Khóa đã thu hồi.", "The key is revoked already.")
