"""Who may do what, where, from when until when: a row each, written together with its act.

A right holds at its agency and below. A role on loan holds only while whoever lent it has it.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    exists,
    insert,
    or_,
    select,
    update,
)

from dispatcher.domain.authority import Term
from dispatcher.ledger import pages
from dispatcher.ledger.scope import above, below
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import account, agency, role_grant


@dataclass(frozen=True, slots=True)
class NewGrant:
    """A right to be given. ``lent_by``: the account on whose leave it rests, if any."""

    account: int
    agency: int
    role: str
    term: Term
    lent_by: int | None = None


def give(conn: Connection, new: NewGrant, *, by: int, now: int) -> int:
    """Store a grant and enter it; ``by`` 0: whoever works at the server itself."""
    values = {
        "account_id": new.account,
        "agency_id": new.agency,
        "role": new.role,
        "from_at": new.term.start,
        "until_at": new.term.until,
        "basis": new.term.basis,
        "delegated_by": new.lent_by,
        "granted_by": by or None,
        "granted_at": now,
    }
    number = int(
        conn.execute(insert(role_grant).values(values).returning(role_grant.c.id)).scalar_one()
    )
    name = "delegate" if new.lent_by else "grant"
    facts = _facts(values)
    pages.record(conn, name, f"grant:{number}", actor=by, at=now, facts=facts)
    return number


def _facts(values: Mapping[str, Any]) -> dict[str, object]:
    """A grant as its act has it. The basis is free text that may name somebody: its hash."""
    return {
        "account": values["account_id"],
        "agency": values["agency_id"],
        "role": values["role"],
        "from": values["from_at"],
        "until": values["until_at"] or 0,
        "basis": hashlib.sha256(values["basis"].encode()).hexdigest(),
        "delegated_by": values["delegated_by"] or 0,
    }


def revoke(conn: Connection, number: int, *, by: int, now: int) -> bool:
    """End a grant for good; False if it was revoked before."""
    ended = conn.execute(
        update(role_grant)
        .where(role_grant.c.id == number, role_grant.c.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=by or None)
    )
    if ended.rowcount == 0:
        return False
    pages.record(conn, "revoke", f"grant:{number}", actor=by, at=now, facts={})
    return True


def revoke_all(conn: Connection, account_id: int, *, by: int, now: int) -> None:
    """End what an account was given and what it lent."""
    query = select(role_grant.c.id).where(
        or_(role_grant.c.account_id == account_id, role_grant.c.delegated_by == account_id),
        role_grant.c.revoked_at.is_(None),
    )
    for number in list(conn.scalars(query.order_by(role_grant.c.id))):
        revoke(conn, number, by=by, now=now)


def roles(conn: Connection, account_id: int, path: str) -> frozenset[str]:
    """The roles that count in the name of the agency at ``path``, now."""
    return frozenset(row.role for row in _held(conn, account_id, path))


def own_roles(conn: Connection, account_id: int, path: str) -> frozenset[str]:
    """Those of ``roles`` that nobody lent."""
    held = _held(conn, account_id, path)
    return frozenset(row.role for row in held if row.delegated_by is None)


def principals(conn: Connection, account_id: int, role: str) -> frozenset[int]:
    """Whose ``role`` the account holds on loan now, at whichever agency."""
    query = select(role_grant.c.delegated_by).where(
        role_grant.c.account_id == account_id,
        role_grant.c.role == role,
        role_grant.c.delegated_by.is_not(None),
        _current(role_grant),
    )
    return frozenset(conn.scalars(query))


def places(conn: Connection, account_id: int) -> list[Row[Any]]:
    """Agencies at which the account itself was granted something: (id, path, name), top first."""
    query = (
        select(agency.c.id, agency.c.path, agency.c.name)
        .join(role_grant, role_grant.c.agency_id == agency.c.id)
        .where(role_grant.c.account_id == account_id, _current(role_grant))
        .distinct()
        .order_by(agency.c.path)
    )
    return list(conn.execute(query))


def standing(conn: Connection, new: NewGrant) -> int | None:
    """A grant of the same role to the same account there whose time meets the new one's."""
    query = select(role_grant.c.id).where(
        role_grant.c.account_id == new.account,
        role_grant.c.agency_id == new.agency,
        role_grant.c.role == new.role,
        role_grant.c.revoked_at.is_(None),
        or_(role_grant.c.until_at.is_(None), role_grant.c.until_at > new.term.start),
    )
    same_kind = (
        role_grant.c.delegated_by.is_(None)
        if new.lent_by is None
        else role_grant.c.delegated_by == new.lent_by
    )
    if new.term.until is not None:
        query = query.where(role_grant.c.from_at < new.term.until)
    return conn.scalar(query.where(same_kind).limit(1))


def load(conn: Connection, number: int) -> Row[Any] | None:
    """A grant with its agency's path and name and the names of who has it and who lent it."""
    return conn.execute(_listed().where(role_grant.c.id == number)).one_or_none()


def page_of(
    conn: Connection, path: str, *, after: int, limit: int, account_id: int | None = None
) -> list[Row[Any]]:
    """Grants at an agency and below it by id, those that are over too."""
    query = _listed().where(below(path), role_grant.c.id > after)
    if account_id is not None:
        query = query.where(role_grant.c.account_id == account_id)
    return list(conn.execute(query.order_by(role_grant.c.id).limit(limit)))


def _listed() -> Select[Any]:
    holder, lender = account.alias("holder"), account.alias("lender")
    return (
        select(
            role_grant,
            agency.c.path,
            agency.c.name.label("agency_name"),
            holder.c.name.label("account_name"),
            lender.c.name.label("lender_name"),
            _current(role_grant).label("holds"),
        )
        .join(agency, agency.c.id == role_grant.c.agency_id)
        .join(holder, holder.c.id == role_grant.c.account_id)
        .outerjoin(lender, lender.c.id == role_grant.c.delegated_by)
    )


def _held(conn: Connection, account_id: int, path: str) -> list[Row[Any]]:
    query = (
        select(role_grant.c.role, role_grant.c.delegated_by)
        .join(agency, agency.c.id == role_grant.c.agency_id)
        .where(role_grant.c.account_id == account_id, above(path), _current(role_grant))
    )
    return list(conn.execute(query))


def _current(of: FromClause) -> ColumnElement[bool]:
    """Whether a grant holds now, by the database's clock; one on loan, while its owner has it."""
    return _dated(of) & or_(of.c.delegated_by.is_(None), _owner_has(of))


def _dated(of: FromClause) -> ColumnElement[bool]:
    began = of.c.revoked_at.is_(None) & (of.c.from_at <= db_now())
    return began & or_(of.c.until_at.is_(None), of.c.until_at > db_now())


def _owner_has(loan: FromClause) -> ColumnElement[bool]:
    """The lender's own grant of the role, at the loan's agency or above it."""
    own, its, there, lender = (
        role_grant.alias("own"),
        agency.alias("its"),
        agency.alias("there"),
        account.alias("owner"),
    )
    return exists(
        select(own.c.id)
        .join(its, its.c.id == own.c.agency_id)
        .join(lender, lender.c.id == own.c.account_id)
        .join(there, there.c.id == loan.c.agency_id)
        .where(own.c.account_id == loan.c.delegated_by, own.c.role == loan.c.role)
        .where(own.c.delegated_by.is_(None), lender.c.closed_at.is_(None), _dated(own))
        .where(above(there.c.path, its))
        .correlate(loan)
    )
