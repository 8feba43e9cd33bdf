"""API keys: which there are, for whom and until when. A key itself is shown once."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dispatcher.add_key import add_key
from dispatcher.domain.model import Mode
from dispatcher.ledger import keys
from dispatcher.ledger.handles import Row
from dispatcher.ledger.keys import NewKey
from dispatcher.revoke_key import revoke_key
from dispatcher.web import access
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import LATEST, MOST, After, Limit, Number

router = APIRouter(prefix="/keys", tags=["keys"])

_Id = Annotated[int, Field(ge=1, le=MOST)]


class Key(BaseModel):
    """``prefix``: its first sixteen characters; ``roles`` null: all that its account has."""

    id: int
    prefix: str
    account: int
    account_name: str
    agency: int
    agency_name: str
    mode: Mode
    roles: list[str] | None
    created_at: int
    until: int | None
    revoked_at: int | None


class Made(Key):
    """``key``: shown here and never again."""

    key: str


class Page(BaseModel):
    """``next``: pass it as ``after`` for the next page; null on the last one."""

    items: list[Key]
    next: int | None


class Asked(BaseModel):
    """``agency`` null: the account's own; ``until``: epoch ms, null: until it is revoked."""

    account: _Id
    mode: Mode = Mode.TEST
    agency: _Id | None = None
    roles: Annotated[list[str], Field(max_length=10)] | None = None
    until: Annotated[int, Field(ge=1, le=LATEST)] | None = None


@router.get("")
def list_keys(here: Here, me: Me, after: After = 0, limit: Limit = 50) -> Page:
    """Keys for your agency and those below it, those that are over too."""
    with here.ledger.read() as conn:
        rows = keys.page_of(conn, me.path, after=after, limit=limit)
    return Page(
        items=[Key(**_key(row)) for row in rows],
        next=rows[-1].id if len(rows) == limit else None,
    )


@router.post("", status_code=201)
def make(here: Here, me: Me, asked: Asked) -> Made:
    """Make a key for an account of your part of the tree. Administrators only."""
    new = NewKey(asked.account, asked.mode.value, asked.agency, asked.roles, asked.until)
    number, made = add_key(here.ledger, me, new)
    with here.ledger.read() as conn:
        return Made(**_key(access.key(conn, me, number)), key=made)


@router.post("/{key}/revoke")
def take_back(here: Here, me: Me, key: Number) -> Key:
    """Let a key open nothing any more. Administrators; and everybody their own."""
    revoke_key(here.ledger, me, key)
    with here.ledger.read() as conn:
        return Key(**_key(access.key(conn, me, key)))


def _key(row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "prefix": row.prefix,
        "account": row.account_id,
        "account_name": row.account_name,
        "agency": row.agency_id,
        "agency_name": row.agency_name,
        "mode": row.mode,
        "roles": row.roles,
        "created_at": row.created_at,
        "until": row.until_at,
        "revoked_at": row.revoked_at,
    }
