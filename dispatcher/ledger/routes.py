"""Routes: provider accounts, their rate slots and their health."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text, update

from dispatcher.domain.errors import Misconfigured
from dispatcher.ledger import sealed
from dispatcher.ledger.scope import above
from dispatcher.ledger.store import CLOCK
from dispatcher.ledger.tables import agency, route, route_health, route_price, route_token
from dispatcher.ledger.vault import Vault

#: Rates are for billable parts a second. A slot may be used this late; slots stand so much farther
#: apart than the rate asks, so that what is late in one second cannot crowd the next.
SLOT_LIFE_S = 0.04


@dataclass(frozen=True, slots=True)
class Route:
    """A configured provider account. ``settings`` are the provider's own, opened."""

    id: int
    agency: int
    channel: str
    provider: str
    name: str
    mode: str
    settings: Mapping[str, Any]
    rate: float
    price: float
    unaccent: bool
    stopped: bool


@dataclass(frozen=True, slots=True)
class NewRoute:
    """A route to be configured. ``rate``: parts a second; ``price``: VND per part."""

    agency: int
    channel: str
    provider: str
    name: str
    mode: str
    settings: Mapping[str, Any]
    rate: float
    price: float = 0.0
    weight: int = 1
    unaccent: bool = False


def add(conn: Connection, vault: Vault, new: NewRoute) -> int:
    """Store a route, its settings sealed; return its id.

    ``{route}`` in a setting stands for that id: callback addresses contain it.
    """
    if not 0 < new.rate < 1_000_000:
        raise Misconfigured(
            "bad_rate",
            "Tốc độ của kết nối phải lớn hơn 0 (số phần tin mỗi giây).",
            "A route's rate must be above 0 (parts a second).",
            field="rate",
        )
    row = int(
        conn.execute(
            insert(route)
            .values(
                agency_id=new.agency,
                channel=new.channel,
                provider=new.provider,
                name=new.name,
                mode=new.mode,
                settings=b"",
                rate=new.rate,
                price=new.price,
                weight=new.weight,
                unaccent=new.unaccent,
            )
            .returning(route.c.id)
        ).scalar_one()
    )
    text_ = json.dumps(dict(new.settings)).replace("{route}", str(row))
    settings = vault.seal(sealed.route_settings(row), text_.encode())
    conn.execute(update(route).where(route.c.id == row).values(settings=settings))
    conn.execute(insert(route_price).values(route_id=row, since=0, price=new.price))
    conn.execute(insert(route_health).values(route_id=row, next_slot_us=0, open_until=0, faults=0))
    return row


def load(conn: Connection, vault: Vault, route_id: int) -> Route | None:
    found = conn.execute(select(route).where(route.c.id == route_id)).one_or_none()
    return _route(found, vault) if found else None


def by_name(conn: Connection, vault: Vault, name: str) -> Route | None:
    found = conn.execute(select(route).where(route.c.name == name)).one_or_none()
    return _route(found, vault) if found else None


def usable(conn: Connection, vault: Vault, agency_path: str, mode: str) -> list[Route]:
    """Routes of a mode that an agency may use: its own and those of the agencies above it."""
    query = (
        select(route)
        .join(agency, agency.c.id == route.c.agency_id)
        .where(route.c.mode == mode)
        .where(above(agency_path))
        .order_by(route.c.id)
    )
    return [_route(row, vault) for row in conn.execute(query)]


def _route(row: Row[Any], vault: Vault) -> Route:
    return Route(
        id=row.id,
        agency=row.agency_id,
        channel=row.channel,
        provider=row.provider,
        name=row.name,
        mode=row.mode,
        settings=json.loads(vault.open(sealed.route_settings(row.id), row.settings)),
        rate=row.rate,
        price=row.price,
        unaccent=row.unaccent,
        stopped=row.stopped_at is not None,
    )


#: One UPDATE returns the first of n dated slots; the row's lock keeps two workers apart. A bucket
#: that stood idle starts from now: unused slots are gone, so a burst can never exceed the rate.
_SLOTS = """
UPDATE route_health SET next_slot_us = CASE
    WHEN next_slot_us > {now} * 1000 THEN next_slot_us ELSE {now} * 1000 END + :span
WHERE route_id = :route
RETURNING next_slot_us - :span AS first_us, {now} * 1000 AS now_us
"""


def take_slots(conn: Connection, route_id: int, parts: int, rate: float) -> tuple[float, float]:
    """Reserve room for ``parts`` at ``rate`` a second.

    Returns (seconds until the first slot, seconds between parts).
    """
    gap_us = 1_000_000 * (1 + SLOT_LIFE_S) / rate
    row = conn.execute(
        text(_SLOTS.format(now=CLOCK[conn.dialect.name])),
        {"route": route_id, "span": round(gap_us * parts)},
    ).one()
    return max(0.0, (row.first_us - row.now_us) / 1e6), gap_us / 1e6


def stop(conn: Connection, route_id: int, why: str, at: int) -> None:
    """Take a route out of use until a person puts it back (bad credentials, no balance)."""
    conn.execute(update(route).where(route.c.id == route_id).values(stopped_at=at, stopped_why=why))


def healthy(conn: Connection, route_id: int) -> None:
    """A window went through: the circuit closes."""
    conn.execute(
        update(route_health)
        .where(route_health.c.route_id == route_id, route_health.c.faults > 0)
        .values(faults=0, open_until=0, why="")
    )


def fault(conn: Connection, route_id: int, open_until: int, why: str) -> None:
    """The route failed as a route: nobody uses it before ``open_until`` (epoch ms)."""
    conn.execute(
        update(route_health)
        .where(route_health.c.route_id == route_id)
        .values(faults=route_health.c.faults + 1, open_until=open_until, why=why)
    )


def pause(conn: Connection, route_id: int, until: int) -> None:
    """Leave a route alone until a moment, without holding it against it."""
    conn.execute(
        update(route_health)
        .where(route_health.c.route_id == route_id, route_health.c.open_until < until)
        .values(open_until=until)
    )


def faults(conn: Connection, route_id: int) -> int:
    """How many windows in a row failed as a whole."""
    query = select(route_health.c.faults).where(route_health.c.route_id == route_id)
    return int(conn.scalar(query) or 0)


def put_tokens(conn: Connection, vault: Vault, route_id: int, tokens: Mapping[str, Any]) -> None:
    """Keep a route's rotating tokens, sealed: {"app_secret", "access", "refresh", "renew_at"}."""
    kept = vault.seal(sealed.route_tokens(route_id), json.dumps(dict(tokens)).encode())
    known = update(route_token).where(route_token.c.route_id == route_id).values(sealed=kept)
    if conn.execute(known).rowcount == 0:
        conn.execute(insert(route_token).values(route_id=route_id, sealed=kept))


def get_tokens(conn: Connection, vault: Vault, route_id: int) -> Mapping[str, Any] | None:
    """A route's tokens as last kept."""
    found = conn.scalar(select(route_token.c.sealed).where(route_token.c.route_id == route_id))
    if found is None:
        return None
    kept: dict[str, Any] = json.loads(vault.open(sealed.route_tokens(route_id), found))
    return kept


def all_routes(conn: Connection, vault: Vault) -> list[Route]:
    return [_route(row, vault) for row in conn.execute(select(route).order_by(route.c.id))]


def start(conn: Connection, route_id: int) -> bool:
    """Put a stopped route back; False if there is no such route."""
    healthy(conn, route_id)
    back = update(route).where(route.c.id == route_id).values(stopped_at=None, stopped_why="")
    return conn.execute(back).rowcount == 1
