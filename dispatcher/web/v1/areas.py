"""Administrative areas (địa bàn), found as people type them."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from dispatcher.ledger import areas, registry
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import Limit

router = APIRouter(prefix="/areas", tags=["areas"])


class Area(BaseModel):
    """A unit by statistics-office code, zero-padded. ``parent``: the province's code."""

    code: str
    level: str
    name: str
    full_name: str
    parent: str
    latitude: float
    longitude: float


class Areas(BaseModel):
    items: list[Area]


class Locality(BaseModel):
    """A village or quarter, owned by its commune."""

    id: int
    kind: str
    name: str


class Localities(BaseModel):
    items: list[Locality]


@router.get("")
def search_areas(
    here: Here,
    _me: Me,
    q: Annotated[
        str, Query(min_length=1, max_length=100, description="Code or name, `Hòa Xá, Ninh Bình`.")
    ],
    limit: Limit = 20,
) -> Areas:
    """Areas by code or name, with or without diacritics, best first."""
    with here.ledger.read() as conn:
        rows = areas.search(conn, q, limit)
    return Areas(
        items=[
            Area(
                code=row.code,
                level=row.level,
                name=row.name,
                full_name=row.full_name,
                parent=row.parent_code,
                latitude=row.latitude,
                longitude=row.longitude,
            )
            for row in rows
        ]
    )


@router.get("/{code}/localities")
def list_localities(here: Here, _me: Me, code: str) -> Localities:
    """The villages and quarters of a commune."""
    with here.ledger.read() as conn:
        rows = registry.localities(conn, code)
    return Localities(items=[Locality(id=row.id, kind=row.kind, name=row.name) for row in rows])
