"""Who exists and who acts: agencies, accounts, localities, stations and speakers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from dispatcher.domain.authority import Term
from dispatcher.ledger import grants, pages, sealed
from dispatcher.ledger.grants import NewGrant
from dispatcher.ledger.scope import below
from dispatcher.ledger.tables import (
    account,
    agency,
    area,
    contact_list,
    locality,
    speaker,
    station,
)
from dispatcher.ledger.vault import Vault


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, in the name of which agency, with its place in the tree and the roles there.

    ``mode``: of the key or the session used.
    """

    account: int
    agency: int
    path: str
    area: str
    name: str
    roles: frozenset[str]
    mode: str


def add_agency(
    conn: Connection,
    *,
    name: str,
    short_name: str,
    area: str,
    hotline: str,
    parent: int | None,
    now: int,
    by: int = 0,
) -> int:
    """A public body below its parent; the path is what rights are tested against."""
    above = (
        conn.execute(select(agency.c.path).where(agency.c.id == parent)).scalar_one()
        if parent
        else "/"
    )
    new_id = conn.execute(
        insert(agency)
        .values(
            path=f"pending:{name}:{now}",
            parent_id=parent,
            name=name,
            short_name=short_name,
            area_code=area,
            hotline=hotline,
            created_at=now,
        )
        .returning(agency.c.id)
    ).scalar_one()
    path = f"{above}{new_id}/"
    conn.execute(update(agency).where(agency.c.id == new_id).values(path=path))
    facts = {"path": path, "name": name, "area": area}
    pages.record(conn, "add_agency", f"agency:{new_id}", actor=by, at=now, facts=facts)
    return int(new_id)


def load_agency(conn: Connection, agency_id: int) -> Row[Any] | None:
    return conn.execute(select(agency).where(agency.c.id == agency_id)).one_or_none()


def agency_by_name(conn: Connection, name: str) -> Row[Any] | None:
    return conn.execute(select(agency).where(agency.c.name == name)).one_or_none()


def add_account(
    conn: Connection,
    *,
    agency_id: int,
    name: str,
    office: str,
    roles: Sequence[str],
    now: int,
    by: int = 0,
) -> int:
    """A person of an agency, with these roles there from now on and without an end.

    ``by`` 0: whoever works at the server itself, as at the first ``loa init``.
    """
    new_id = int(
        conn.execute(
            insert(account)
            .values(agency_id=agency_id, name=name, office=office, created_at=now)
            .returning(account.c.id)
        ).scalar_one()
    )
    facts = {"agency": agency_id}
    pages.record(conn, "open_account", f"account:{new_id}", actor=by, at=now, facts=facts)
    for role in sorted(set(roles)):
        term = Term(now, None, "")
        grants.give(conn, NewGrant(new_id, agency_id, role, term), by=by, now=now)
    return new_id


def actor(conn: Connection, account_id: int, mode: str) -> Actor | None:
    """The account in the name of its own agency; None when it is closed or unknown."""
    home = conn.scalar(select(account.c.agency_id).where(account.c.id == account_id))
    return actor_for(conn, account_id, home, mode) if home else None


def actor_for(conn: Connection, account_id: int, agency_id: int, mode: str) -> Actor | None:
    """The account in the name of an agency, with the roles granted there or above it.

    None when the account is closed, or when it has no role there and the agency is not its own.
    """
    row = conn.execute(
        select(account.c.name, account.c.agency_id.label("home"), agency.c.path, agency.c.area_code)
        .join(agency, agency.c.id == agency_id)
        .where(account.c.id == account_id, account.c.closed_at.is_(None))
    ).one_or_none()
    roles = grants.roles(conn, account_id, row.path) if row else frozenset()
    if row is None or not (roles or row.home == agency_id):
        return None
    return Actor(account_id, agency_id, row.path, row.area_code, row.name, roles, mode)


def accounts(conn: Connection) -> list[Row[Any]]:
    """All open accounts with their agency's name."""
    query = (
        select(account, agency.c.name.label("agency_name"))
        .join(agency, agency.c.id == account.c.agency_id)
        .where(account.c.closed_at.is_(None))
        .order_by(account.c.id)
    )
    return list(conn.execute(query))


def add_locality(conn: Connection, *, area: str, kind: str, name: str, search: str) -> int:
    return int(
        conn.execute(
            insert(locality)
            .values(area_code=area, kind=kind, name=name, search=search)
            .returning(locality.c.id)
        ).scalar_one()
    )


def localities(conn: Connection, area: str) -> list[Row[Any]]:
    query = select(locality).where(locality.c.area_code == area).order_by(locality.c.id)
    return list(conn.execute(query))


def add_station(
    conn: Connection, *, agency_id: int, area: str, name: str, hours: Mapping[str, Any], now: int
) -> int:
    """A commune's station. ``hours``: {"quiet": ["21:00", "05:30"], "sessions": [[…], …]}."""
    return int(
        conn.execute(
            insert(station)
            .values(
                agency_id=agency_id, area_code=area, name=name, hours=dict(hours), created_at=now
            )
            .returning(station.c.id)
        ).scalar_one()
    )


@dataclass(frozen=True, slots=True)
class NewSpeaker:
    """A cluster to be enrolled; ``key``: 32 bytes shared with the device."""

    station: int
    device: str
    name: str
    locality: int | None
    key: bytes
    synthetic: bool
    volume: int = 80


def add_speakers(conn: Connection, vault: Vault, new: Sequence[NewSpeaker]) -> None:
    conn.execute(
        insert(speaker),
        [
            {
                "station_id": each.station,
                "device": each.device,
                "name": each.name,
                "locality_id": each.locality,
                "key": vault.seal(sealed.speaker_key(each.device), each.key),
                "volume": each.volume,
                "synthetic": each.synthetic,
                "seq": 0,
                "state": {},
            }
            for each in new
        ],
    )


def foreign_localities(conn: Connection, ids: Sequence[int], top: str) -> list[str]:
    """Names of localities (or their ids, if unknown) that are not in ``top`` or below it."""
    rows = conn.execute(
        select(locality.c.id, locality.c.name, area.c.code, area.c.parent_code)
        .join(area, area.c.code == locality.c.area_code)
        .where(locality.c.id.in_(ids))
    ).all()
    known = {row.id for row in rows}
    foreign = [row.name for row in rows if top and top not in (row.code, row.parent_code)]
    return foreign + [str(each) for each in ids if each not in known]


def station_of(conn: Connection, agency_id: int, area_code: str, name: str, now: int) -> int:
    """The agency's station of that name (or its only one); made with default hours if new."""
    query = select(station.c.id).where(station.c.agency_id == agency_id)
    found = conn.scalar(query.where(station.c.name == name) if name else query)
    if found is not None:
        return int(found)
    hours = {"quiet": ["21:00", "05:30"], "sessions": []}
    return add_station(
        conn,
        agency_id=agency_id,
        area=area_code,
        name=name or "Đài truyền thanh",
        hours=hours,
        now=now,
    )


def foreign_lists(conn: Connection, ids: Sequence[int], top: str) -> list[str]:
    """Lists (by number) that do not belong to the agency at ``top`` or one below it."""
    query = (
        select(contact_list.c.id)
        .join(agency, agency.c.id == contact_list.c.agency_id)
        .where(contact_list.c.id.in_(ids), below(top))
    )
    own = set(conn.scalars(query))
    return [f"danh sách {each}" for each in ids if each not in own]


def withdraw_speaker(conn: Connection, device: str, agency_id: int, now: int) -> bool:
    """Refuse a device from now on: stolen, sold or replaced."""
    own = select(station.c.id).where(station.c.agency_id == agency_id)
    result = conn.execute(
        update(speaker)
        .where(speaker.c.device == device, speaker.c.station_id.in_(own))
        .where(speaker.c.removed_at.is_(None))
        .values(removed_at=now)
    )
    return result.rowcount == 1
