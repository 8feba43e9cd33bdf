"""Accounts: listed, opened once, and closed with all that they could open."""

from typing import Any

from sqlalchemy import Connection, Row, Select, func, select, update

from dispatcher.ledger import grants, keys, pages, sessions, shifts
from dispatcher.ledger.scope import below
from dispatcher.ledger.tables import account, agency, duty_shift


def load(conn: Connection, number: int) -> Row[Any] | None:
    """An account with its agency's path and name."""
    return conn.execute(_listed().where(account.c.id == number)).one_or_none()


def load_open(conn: Connection, number: int) -> Row[Any] | None:
    """The same, unless it is closed."""
    query = _listed().where(account.c.id == number, account.c.closed_at.is_(None))
    return conn.execute(query).one_or_none()


def is_open(conn: Connection, agency_id: int, name: str, office: str) -> bool:
    """Whether the agency has somebody of this name and office."""
    query = select(func.count()).where(
        account.c.agency_id == agency_id,
        account.c.name == name,
        account.c.office == office,
        account.c.closed_at.is_(None),
    )
    return bool(conn.scalar(query))


def page_of(conn: Connection, path: str, *, after: int, limit: int) -> list[Row[Any]]:
    """Accounts of an agency and those below it by id, closed ones too."""
    query = _listed().where(below(path), account.c.id > after)
    return list(conn.execute(query.order_by(account.c.id).limit(limit)))


def close(conn: Connection, number: int, *, by: int, now: int) -> bool:
    """Close an account with its keys, sessions, rights and shifts to come; False if it was."""
    closed = conn.execute(
        update(account)
        .where(account.c.id == number, account.c.closed_at.is_(None))
        .values(closed_at=now)
    )
    if closed.rowcount == 0:
        return False
    pages.record(conn, "close_account", f"account:{number}", actor=by, at=now, facts={})
    sessions.end_all(conn, number)
    keys.revoke_all(conn, number, by=by, now=now)
    grants.revoke_all(conn, number, by=by, now=now)
    _cancel_shifts(conn, number, by=by, now=now)
    return True


def _cancel_shifts(conn: Connection, number: int, *, by: int, now: int) -> None:
    """Shifts that are not over: nobody without an account can be on duty."""
    query = select(duty_shift.c.id).where(
        duty_shift.c.account_id == number, duty_shift.c.cancelled_at.is_(None)
    )
    for shift in list(conn.scalars(query.order_by(duty_shift.c.id))):
        if shifts.cancel(conn, shift, by, now):
            pages.record(conn, "cancel_shift", f"shift:{shift}", actor=by, at=now, facts={})


def _listed() -> Select[Any]:
    return select(account, agency.c.path, agency.c.name.label("agency_name")).join(
        agency, agency.c.id == account.c.agency_id
    )
