"""The verb that lets somebody in: a person of an agency, with roles there."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.ledger import accounts, desk, registry
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


@dataclass(frozen=True, slots=True)
class NewAccount:
    """A person. ``office``: what they are at the agency; ``roles`` hold there from now on."""

    agency: int
    name: str
    office: str
    roles: Sequence[str]


def open_account(ledger: Ledger, actor: Actor, new: NewAccount) -> int:
    """Open an account at the administrator's agency or one below it; return its id.

    Raises NotFound for an agency outside the actor's part of the tree, Forbidden without the role,
    BadInput for an unknown role, Conflict when the agency has somebody open of name and office.
    """
    with ledger.begin() as conn:
        agency = registry.load_agency(conn, new.agency)
        if agency is None or not authority.below(actor.path, agency.path):
            raise NotFound("no_agency", "Không có cơ quan này.", "There is no such agency.")
        authority.require("grant", actor.roles)
        authority.check_roles(new.roles)
        if accounts.is_open(conn, new.agency, new.name, new.office):
            raise Conflict(
                "account_exists",
                f"Cơ quan này đã có tài khoản '{new.name}', chức vụ '{new.office}'.",
                f"The agency already has an account '{new.name}' with office '{new.office}'.",
                field="name",
            )
        return registry.add_account(
            conn,
            agency_id=new.agency,
            name=new.name,
            office=new.office,
            roles=new.roles,
            now=desk.now(conn),
            by=actor.account,
        )
