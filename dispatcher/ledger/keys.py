"""API keys: only the hash of a key is kept; what one opens is narrowed to agency, roles and mode.

A key acts for its account, never with more than the account has at that moment.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from dispatcher.ledger import pages, registry
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.scope import below
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import account, agency, api_key

#: Characters of a key that may be shown and logged: the mode and seven of forty-three.
KEY_PREFIX = 16


@dataclass(frozen=True, slots=True)
class NewKey:
    """What a key may do. ``agency`` None: its account's; ``roles`` None: all that there are.

    ``until``: epoch ms; None: until it is revoked or the account closed.
    """

    account: int
    mode: str
    agency: int | None = None
    roles: Sequence[str] | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A key that was good once. ``why``: revoked, over, closed or without_right."""

    account: int
    prefix: str
    why: str


def make(mode: str) -> str:
    """A new key: 256 random bits behind the mode it is for."""
    return f"loa_{mode}_{secrets.token_urlsafe(32)}"


def add(conn: Connection, key: str, new: NewKey, *, by: int, now: int) -> int:
    """Keep the hash of a key and enter its scope. The key itself is shown once, never stored."""
    digest = _digest(key)
    roles = sorted(new.roles) if new.roles is not None else None
    number = conn.execute(
        insert(api_key)
        .values(
            account_id=new.account,
            prefix=key[:KEY_PREFIX],
            digest=digest,
            mode=new.mode,
            agency_id=new.agency,
            roles=roles,
            until_at=new.until,
            created_at=now,
        )
        .returning(api_key.c.id)
    ).scalar_one()
    facts = {
        "account": new.account,
        "agency": new.agency or 0,
        "roles": roles,
        "mode": new.mode,
        "until": new.until or 0,
        "digest": digest.hex(),
    }
    pages.record(conn, "add_key", f"key:{key[:KEY_PREFIX]}", actor=by, at=now, facts=facts)
    return int(number)


def opened(conn: Connection, key: str) -> Actor | Refused | None:
    """Who acts with a key; Refused when it was good once, None when there never was such a one."""
    row = conn.execute(
        select(
            api_key,
            account.c.closed_at,
            account.c.agency_id.label("home"),
            (api_key.c.until_at <= db_now()).label("over"),
        )
        .join(account, account.c.id == api_key.c.account_id)
        .where(api_key.c.digest == _digest(key))
    ).one_or_none()
    if row is None:
        return None
    actor = registry.actor_for(conn, row.account_id, row.agency_id or row.home, row.mode)
    why = _why_not(row, actor)
    if actor is None or why:
        return Refused(row.account_id, row.prefix, why)
    return actor if row.roles is None else replace(actor, roles=actor.roles & set(row.roles))


def _why_not(row: Row[Any], actor: Actor | None) -> str:
    reasons = {
        "revoked": row.revoked_at is not None,
        "closed": row.closed_at is not None,
        "over": bool(row.over),
        "without_right": actor is None,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def revoke(conn: Connection, number: int, *, by: int, now: int) -> bool:
    """Let a key open nothing any more; False if it was revoked before."""
    prefix = conn.scalar(
        update(api_key)
        .where(api_key.c.id == number, api_key.c.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(api_key.c.prefix)
    )
    if prefix is None:
        return False
    pages.record(conn, "revoke_key", f"key:{prefix}", actor=by, at=now, facts={})
    return True


def revoke_all(conn: Connection, account_id: int, *, by: int, now: int) -> None:
    """Every key of an account that still opens something."""
    query = select(api_key.c.id).where(
        api_key.c.account_id == account_id, api_key.c.revoked_at.is_(None)
    )
    for number in list(conn.scalars(query.order_by(api_key.c.id))):
        revoke(conn, number, by=by, now=now)


def load(conn: Connection, number: int) -> Row[Any] | None:
    """A key with the path and name of the agency it is for, without its hash."""
    return conn.execute(_listed().where(api_key.c.id == number)).one_or_none()


def by_prefix(conn: Connection, prefix: str, path: str) -> Row[Any] | None:
    """The key that begins so, of an agency at ``path`` or below it."""
    query = _listed().where(api_key.c.prefix == prefix, below(path))
    return conn.execute(query.order_by(api_key.c.id.desc()).limit(1)).one_or_none()


def page_of(conn: Connection, path: str, *, after: int, limit: int) -> list[Row[Any]]:
    """Keys for an agency and those below it by id, those that are over too."""
    query = _listed().where(below(path), api_key.c.id > after)
    return list(conn.execute(query.order_by(api_key.c.id).limit(limit)))


def _listed() -> Select[Any]:
    of_key = api_key.c.agency_id == agency.c.id
    of_account = api_key.c.agency_id.is_(None) & (account.c.agency_id == agency.c.id)
    return (
        select(
            *(each for each in api_key.c if each.name not in ("digest", "agency_id")),
            account.c.name.label("account_name"),
            agency.c.id.label("agency_id"),
            agency.c.path,
            agency.c.name.label("agency_name"),
        )
        .join(account, account.c.id == api_key.c.account_id)
        .join(agency, of_key | of_account)
    )


def _digest(key: str) -> bytes:
    """Keys are 256 random bits: a plain hash is enough, and a slow one would serve nobody."""
    return hashlib.sha256(key.encode()).digest()
