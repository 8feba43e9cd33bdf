"""Accounts: who works with Loa, at which agency."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dispatcher.close_account import close_account
from dispatcher.ledger import accounts
from dispatcher.ledger.handles import Row
from dispatcher.open_account import NewAccount, open_account
from dispatcher.web import access
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import MOST, After, Limit, Number

router = APIRouter(prefix="/accounts", tags=["accounts"])

_Words = Annotated[str, Field(min_length=1, max_length=200)]


class Account(BaseModel):
    """A person. Times are epoch ms; ``closed_at`` null: the account is open."""

    id: int
    agency: int
    agency_name: str
    name: str
    office: str
    created_at: int
    closed_at: int | None


class Page(BaseModel):
    """``next``: pass it as ``after`` for the next page; null on the last one."""

    items: list[Account]
    next: int | None


class Asked(BaseModel):
    """``roles`` hold at the agency from now on, without an end."""

    agency: Annotated[int, Field(ge=1, le=MOST)]
    name: _Words
    office: _Words
    roles: Annotated[list[str], Field(max_length=10)] = []


@router.get("")
def list_accounts(here: Here, me: Me, after: After = 0, limit: Limit = 50) -> Page:
    """Accounts of your agency and those below it, closed ones too."""
    with here.ledger.read() as conn:
        rows = accounts.page_of(conn, me.path, after=after, limit=limit)
    return Page(
        items=[_account(row) for row in rows], next=rows[-1].id if len(rows) == limit else None
    )


@router.get("/{account}")
def get_account(here: Here, me: Me, account: Number) -> Account:
    with here.ledger.read() as conn:
        return _account(access.account(conn, me, account))


@router.post("", status_code=201)
def open_(here: Here, me: Me, asked: Asked) -> Account:
    """Open an account at your agency or one below it. Administrators only."""
    new = NewAccount(asked.agency, asked.name, asked.office, asked.roles)
    return get_account(here, me, open_account(here.ledger, me, new))


@router.post("/{account}/close")
def close(here: Here, me: Me, account: Number) -> Account:
    """Close an account for good, with its keys, sessions, rights and shifts to come."""
    close_account(here.ledger, me, account)
    return get_account(here, me, account)


def _account(row: Row[Any]) -> Account:
    return Account(
        id=row.id,
        agency=row.agency_id,
        agency_name=row.agency_name,
        name=row.name,
        office=row.office,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
