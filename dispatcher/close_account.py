"""The verb for who leaves: nothing of theirs opens anything any more."""

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, Forbidden, NotFound
from dispatcher.ledger import accounts, credentials, desk
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def close_account(ledger: Ledger, actor: Actor, number: int) -> None:
    """Close an account of the administrator's agency or one below it, for good.

    Its keys, sessions, grants, delegations to and from it and shifts to come end with it, in one
    transaction. Raises NotFound outside the actor's part of the tree, Forbidden without the role
    or for one's own, Conflict when it is closed already.
    """
    with ledger.begin() as conn:
        row = accounts.load(conn, number)
        if row is None or not authority.below(actor.path, row.path):
            raise NotFound("no_account", "Không có tài khoản này.", "There is no such account.")
        authority.require("grant", actor.roles)
        authority.may_grant(actor.account, number)
        _refuse_rights_above(conn, actor, number)
        if not accounts.close(conn, number, by=actor.account, now=desk.now(conn)):
            raise Conflict("account_closed", "Tài khoản đã đóng.", "The account is closed already.")


def _refuse_rights_above(conn: Connection, actor: Actor, number: int) -> None:
    """A commune does not take its province's officer off duty."""
    if not all(authority.below(actor.path, path) for path in credentials.granted_at(conn, number)):
        raise Forbidden(
            "rights_above",
            "Người này có quyền ở cơ quan cấp trên. Cần quản trị viên của cấp đó.",
            "This person has rights at an agency above. An administrator there has to do it.",
        )
