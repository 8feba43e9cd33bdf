"""The verb that gives a right: a role, at an agency, from when until when."""

from dispatcher.domain import authority
from dispatcher.domain.authority import Term
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.ledger import accounts, desk, grants, registry
from dispatcher.ledger.grants import NewGrant
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def grant(ledger: Ledger, actor: Actor, asked: NewGrant) -> int:
    """Give a role at the administrator's agency or below it; return the grant's id.

    ``asked.term.start`` 0: from now on, by the database's clock. Raises NotFound for an agency or
    an account outside the actor's part of the tree, Forbidden without the role or for oneself,
    BadInput for an unknown role or a wrong term, Conflict while the account has the role there.
    """
    with ledger.begin() as conn:
        place = registry.load_agency(conn, asked.agency)
        if place is None or not authority.below(actor.path, place.path):
            raise NotFound("no_agency", "Không có cơ quan này.", "There is no such agency.")
        receiver = accounts.load_open(conn, asked.account)
        if receiver is None or not authority.below(actor.path, receiver.path):
            raise NotFound("no_account", "Không có tài khoản này.", "There is no such account.")
        authority.require("grant", actor.roles)
        authority.may_grant(actor.account, asked.account)
        authority.check_roles([asked.role], field="role")
        now = desk.now(conn)
        term = Term(asked.term.start or now, asked.term.until, asked.term.basis)
        authority.check_term(term, now)
        new = NewGrant(asked.account, asked.agency, asked.role, term)
        refuse_second(conn, new)
        return grants.give(conn, new, by=actor.account, now=now)


def refuse_second(conn: Connection, new: NewGrant) -> None:
    """Raises Conflict when the same right, of the same origin, is there for part of the time."""
    standing = grants.standing(conn, new)
    if standing is not None:
        raise Conflict(
            "grant_exists",
            f"Tài khoản đã có quyền này trong thời gian đó (số {standing}).",
            f"The account has this right for part of that time already (number {standing}).",
            field="role",
        )
