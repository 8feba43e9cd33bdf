"""Grants: who may do what, where, from when until when; and roles lent for a leave."""

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dispatcher.delegate import Loan, delegate
from dispatcher.domain.authority import LONGEST_WORDS, Term
from dispatcher.grant import grant
from dispatcher.ledger import grants
from dispatcher.ledger.grants import NewGrant
from dispatcher.ledger.handles import Row
from dispatcher.revoke import revoke
from dispatcher.web import access
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import LATEST, MOST, After, Limit, Number

router = APIRouter(prefix="/grants", tags=["grants"])

_Id = Annotated[int, Field(ge=1, le=MOST)]
_Role = Annotated[str, Field(min_length=1, max_length=20)]
_Start = Annotated[int, Field(ge=0, le=LATEST)]
_End = Annotated[int, Field(ge=1, le=LATEST)]
_Basis = Annotated[str, Field(max_length=LONGEST_WORDS)]


class Grant(BaseModel):
    """A role at an agency and below it. ``holds``: it counts now; ``until`` null: for good.

    ``basis``: the document. ``delegated_by``: whose role it is, if it is lent.
    """

    id: int
    account: int
    account_name: str
    agency: int
    agency_name: str
    role: str
    start: int
    until: int | None
    basis: str
    delegated_by: int | None
    granted_at: int
    revoked_at: int | None
    holds: bool


class Page(BaseModel):
    """``next``: pass it as ``after`` for the next page; null on the last one."""

    items: list[Grant]
    next: int | None


class Asked(BaseModel):
    """``start`` 0: from now on; ``until`` null: for good. Epoch ms."""

    account: _Id
    agency: _Id
    role: _Role
    start: _Start = 0
    until: _End | None = None
    basis: _Basis = ""


class Lent(BaseModel):
    """A role of your own for ``account``. The end and the document are required."""

    account: _Id
    role: _Role
    start: _Start = 0
    until: _End
    basis: Annotated[str, Field(min_length=1, max_length=LONGEST_WORDS)]


@router.get("")
def list_grants(
    here: Here,
    me: Me,
    account: Annotated[int | None, Query(ge=1, le=MOST)] = None,
    after: After = 0,
    limit: Limit = 50,
) -> Page:
    """Grants at your agency and below it, those that are over too."""
    with here.ledger.read() as conn:
        rows = grants.page_of(conn, me.path, after=after, limit=limit, account_id=account)
    return Page(
        items=[_grant(row) for row in rows], next=rows[-1].id if len(rows) == limit else None
    )


@router.get("/{grant}")
def get_grant(here: Here, me: Me, grant: Number) -> Grant:
    with here.ledger.read() as conn:
        return _grant(access.grant(conn, me, grant))


@router.post("", status_code=201)
def give(here: Here, me: Me, asked: Asked) -> Grant:
    """Give a role at your agency or one below it. Administrators only, never to themselves."""
    term = Term(asked.start, asked.until, asked.basis)
    new = NewGrant(asked.account, asked.agency, asked.role, term)
    return get_grant(here, me, grant(here.ledger, me, new))


@router.post("/delegations", status_code=201)
def lend(here: Here, me: Me, asked: Lent) -> Grant:
    """Lend a role of your own, at the agency for which you act, while you are on leave."""
    loan = Loan(asked.account, asked.role, Term(asked.start, asked.until, asked.basis))
    return get_grant(here, me, delegate(here.ledger, me, loan))


@router.post("/{grant}/revoke")
def take_back(here: Here, me: Me, grant: Number) -> Grant:
    """End a grant now. Administrators; and everybody what they lent themselves."""
    revoke(here.ledger, me, grant)
    return get_grant(here, me, grant)


def _grant(row: Row[Any]) -> Grant:
    return Grant(
        id=row.id,
        account=row.account_id,
        account_name=row.account_name,
        agency=row.agency_id,
        agency_name=row.agency_name,
        role=row.role,
        start=row.from_at,
        until=row.until_at,
        basis=row.basis,
        delegated_by=row.delegated_by,
        granted_at=row.granted_at,
        revoked_at=row.revoked_at,
        holds=bool(row.holds),
    )
