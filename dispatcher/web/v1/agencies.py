"""Agencies (cơ quan, đơn vị): one's own part of the tree."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dispatcher.add_agency import NewAgency, add_agency
from dispatcher.ledger import agencies
from dispatcher.ledger.handles import Row
from dispatcher.web import access
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import MOST, After, Limit, Number

router = APIRouter(prefix="/agencies", tags=["agencies"])

_Words = Annotated[str, Field(min_length=1, max_length=200)]


class Agency(BaseModel):
    """``path``: the ids from the top of the tree down. ``area``: a code, empty for the country."""

    id: int
    parent: int | None
    path: str
    name: str
    short_name: str
    area: str
    hotline: str


class Page(BaseModel):
    """``next``: pass it as ``after`` for the next page; null on the last one."""

    items: list[Agency]
    next: int | None


class Asked(BaseModel):
    """``parent``: the agency above, your own or one below it; ``area`` within that one's."""

    parent: Annotated[int, Field(ge=1, le=MOST)]
    name: _Words
    short_name: _Words
    area: Annotated[str, Field(max_length=5)]
    hotline: Annotated[str, Field(max_length=50)] = ""


@router.get("")
def list_agencies(here: Here, me: Me, after: After = 0, limit: Limit = 50) -> Page:
    """Your agency and those below it."""
    with here.ledger.read() as conn:
        rows = agencies.page_of(conn, me.path, after=after, limit=limit)
    return Page(
        items=[_agency(row) for row in rows], next=rows[-1].id if len(rows) == limit else None
    )


@router.get("/{agency}")
def get_agency(here: Here, me: Me, agency: Number) -> Agency:
    with here.ledger.read() as conn:
        return _agency(access.agency(conn, me, agency))


@router.post("", status_code=201)
def add(here: Here, me: Me, asked: Asked) -> Agency:
    """Add an agency below your own. Administrators only; a name can be taken once."""
    new = NewAgency(asked.parent, asked.name, asked.short_name, asked.area, asked.hotline)
    return get_agency(here, me, add_agency(here.ledger, me, new))


def _agency(row: Row[Any]) -> Agency:
    return Agency(
        id=row.id,
        parent=row.parent_id,
        path=row.path,
        name=row.name,
        short_name=row.short_name,
        area=row.area_code,
        hotline=row.hotline,
    )
