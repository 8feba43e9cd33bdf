"""Who exists: agencies, accounts and their keys, localities, stations and speakers."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from dispatcher.ledger import sealed
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import (
    account,
    agency,
    api_key,
    area,
    contact_list,
    locality,
    role_grant,
    speaker,
    station,
)
from dispatcher.ledger.vault import Vault

#: Characters of a key that may be shown and logged: the mode and six of forty-three.
KEY_PREFIX = 16


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: an account with its agency's place in the tree. ``mode``: of the key used."""

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
    conn.execute(update(agency).where(agency.c.id == new_id).values(path=f"{above}{new_id}/"))
    return int(new_id)


def load_agency(conn: Connection, agency_id: int) -> Row[Any] | None:
    return conn.execute(select(agency).where(agency.c.id == agency_id)).one_or_none()


def agency_by_name(conn: Connection, name: str) -> Row[Any] | None:
    return conn.execute(select(agency).where(agency.c.name == name)).one_or_none()


def add_account(
    conn: Connection, *, agency_id: int, name: str, office: str, roles: Sequence[str], now: int
) -> int:
    """A person of an agency, with these roles there from now on and without an end."""
    new_id = int(
        conn.execute(
            insert(account)
            .values(agency_id=agency_id, name=name, office=office, created_at=now)
            .returning(account.c.id)
        ).scalar_one()
    )
    for role in sorted(roles):
        conn.execute(
            insert(role_grant).values(
                account_id=new_id, agency_id=agency_id, role=role, from_at=now, granted_at=now
            )
        )
    return new_id


def add_key(conn: Connection, account_id: int, key: str, mode: str, now: int) -> None:
    """Keep the hash of an API key. The key itself is shown once and never stored."""
    conn.execute(
        insert(api_key).values(
            account_id=account_id,
            prefix=key[:KEY_PREFIX],
            digest=_digest(key),
            mode=mode,
            created_at=now,
        )
    )


def actor_by_key(conn: Connection, key: str) -> Actor | None:
    """Whose key it is; None when unknown, revoked, or of a closed account."""
    query = (
        _actors()
        .add_columns(api_key.c.mode)
        .join(api_key, api_key.c.account_id == account.c.id)
        .where(api_key.c.digest == _digest(key), api_key.c.revoked_at.is_(None))
    )
    row = conn.execute(query).one_or_none()
    return _actor(conn, row, row.mode) if row else None


def actor(conn: Connection, account_id: int, mode: str) -> Actor | None:
    row = conn.execute(_actors().where(account.c.id == account_id)).one_or_none()
    return _actor(conn, row, mode) if row else None


def accounts(conn: Connection) -> list[Row[Any]]:
    """All open accounts with their agency's name."""
    query = (
        select(account, agency.c.name.label("agency_name"))
        .join(agency, agency.c.id == account.c.agency_id)
        .where(account.c.closed_at.is_(None))
        .order_by(account.c.id)
    )
    return list(conn.execute(query))


def _actors() -> Any:
    return (
        select(
            account.c.id,
            account.c.name,
            account.c.agency_id,
            agency.c.path,
            agency.c.area_code,
        )
        .join(agency, agency.c.id == account.c.agency_id)
        .where(account.c.closed_at.is_(None))
    )


def _actor(conn: Connection, row: Row[Any], mode: str) -> Actor:
    return Actor(
        account=row.id,
        agency=row.agency_id,
        path=row.path,
        area=row.area_code,
        name=row.name,
        roles=_roles(conn, row.id, row.path),
        mode=mode,
    )


def _roles(conn: Connection, account_id: int, path: str) -> frozenset[str]:
    """What was granted at an agency or above it, and holds now."""
    query = (
        select(role_grant.c.role)
        .join(agency, agency.c.id == role_grant.c.agency_id)
        .where(role_grant.c.account_id == account_id, role_grant.c.revoked_at.is_(None))
        .where(role_grant.c.from_at <= db_now())
        .where(or_(role_grant.c.until_at.is_(None), role_grant.c.until_at > db_now()))
        .where(func.substr(path, 1, func.length(agency.c.path)) == agency.c.path)
    )
    return frozenset(conn.scalars(query))


def _digest(key: str) -> bytes:
    """Keys are 256 random bits: a plain hash is enough, and a slow one would serve nobody."""
    return hashlib.sha256(key.encode()).digest()


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
    rows = conn.execute(
        select(contact_list.c.id, agency.c.path)
        .join(agency, agency.c.id == contact_list.c.agency_id)
        .where(contact_list.c.id.in_(ids))
    )
    own = {row.id for row in rows if row.path.startswith(top)}
    return [f"danh sách {each}" for each in ids if each not in own]


def revoke_key(conn: Connection, prefix: str, top: str, now: int) -> bool:
    """Let a key open nothing any more; ``prefix``: its first sixteen characters."""
    own = (
        select(account.c.id)
        .join(agency, agency.c.id == account.c.agency_id)
        .where(agency.c.path.startswith(top, autoescape=True))
    )
    result = conn.execute(
        update(api_key)
        .where(api_key.c.prefix == prefix, api_key.c.revoked_at.is_(None))
        .where(api_key.c.account_id.in_(own))
        .values(revoked_at=now)
    )
    return result.rowcount > 0


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
