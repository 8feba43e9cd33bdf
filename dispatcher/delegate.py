"""The verb for a leave: one's own role, lent to a colleague, with an end and a document."""

from dataclasses import dataclass

from dispatcher.domain import authority
from dispatcher.domain.authority import Term
from dispatcher.domain.errors import NotFound
from dispatcher.grant import refuse_second
from dispatcher.ledger import accounts, desk, grants
from dispatcher.ledger.grants import NewGrant
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class Loan:
    """``to``: the colleague's account; ``term.start`` 0: from now on."""

    to: int
    role: str
    term: Term


def delegate(ledger: Ledger, actor: Actor, loan: Loan) -> int:
    """Lend a role that one has oneself at the agency for which one acts; return the grant's id.

    It holds there and below, and only while its owner has the role. Raises NotFound for an account
    outside the agency and those below it, Forbidden for a role that is not one's own or for
    oneself, BadInput for a wrong term or one without an end or a document.
    """
    with ledger.begin() as conn:
        receiver = accounts.load_open(conn, loan.to)
        if receiver is None or not authority.below(actor.path, receiver.path):
            raise NotFound("no_account", "Không có tài khoản này.", "There is no such account.")
        authority.may_grant(actor.account, loan.to)
        authority.check_roles([loan.role], field="role")
        now = desk.now(conn)
        term = Term(loan.term.start or now, loan.term.until, loan.term.basis)
        own = grants.own_roles(conn, actor.account, actor.path) & actor.roles
        authority.check_loan(loan.role, own, term)
        authority.check_term(term, now)
        new = NewGrant(loan.to, actor.agency, loan.role, term, lent_by=actor.account)
        refuse_second(conn, new)
        return grants.give(conn, new, by=actor.account, now=now)
