"""Routes (kết nối nhà cung cấp): which there are and how they are. Never their credentials."""

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel

from dispatcher.ledger import desk, reading
from dispatcher.ledger.handles import Row
from dispatcher.web.access import Here, Me

router = APIRouter(prefix="/routes", tags=["routes"])


class Route(BaseModel):
    """A provider account. ``rate``: parts a second; ``price``: VND per part; times in epoch ms.

    ``health``: ``open`` (usable), ``resting`` until ``rests_until`` after ``faults`` failed
    windows in a row, or ``stopped`` until a person puts it back.
    """

    id: int
    agency: str
    channel: str
    provider: str
    name: str
    mode: str
    rate: float
    price: float
    health: str
    why: str
    faults: int
    rests_until: int


class Routes(BaseModel):
    items: list[Route]


@router.get("")
def list_routes(here: Here, me: Me) -> Routes:
    """Routes that your agency may use, and those of the agencies below it."""
    with here.ledger.read() as conn:
        now = desk.now(conn)
        rows = reading.routes_for(conn, me.path)
    return Routes(items=[_route(row, now) for row in rows])


def _route(row: Row[Any], now: int) -> Route:
    resting = row.open_until > now
    health = "stopped" if row.stopped_at else ("resting" if resting else "open")
    return Route(
        id=row.id,
        agency=row.agency_name,
        channel=row.channel,
        provider=row.provider,
        name=row.name,
        mode=row.mode,
        rate=row.rate,
        price=row.price,
        health=health,
        why=row.stopped_why or row.why,
        faults=row.faults,
        rests_until=row.open_until if resting else 0,
    )
