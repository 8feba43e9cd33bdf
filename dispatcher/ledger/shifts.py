"""Duty shifts: who is on duty for which agency, when, and on which document's authority."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from dispatcher.ledger.scope import below
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import account, agency, duty_shift


@dataclass(frozen=True, slots=True)
class NewShift:
    """A shift to be opened. Times in epoch ms; ``basis``: the delegating document's symbol."""

    account: int
    agency: int
    from_at: int
    until_at: int
    basis: str


def add(conn: Connection, new: NewShift, by: int, now: int) -> int:
    return int(
        conn.execute(
            insert(duty_shift)
            .values(
                account_id=new.account,
                agency_id=new.agency,
                from_at=new.from_at,
                until_at=new.until_at,
                basis=new.basis,
                created_by=by,
                created_at=now,
            )
            .returning(duty_shift.c.id)
        ).scalar_one()
    )


def cancel(conn: Connection, shift_id: int, by: int, now: int) -> bool:
    """End a shift that is not over; False if it is, or was cancelled already."""
    statement = (
        update(duty_shift)
        .where(duty_shift.c.id == shift_id, duty_shift.c.cancelled_at.is_(None))
        .where(duty_shift.c.until_at > db_now())
        .values(cancelled_by=by, cancelled_at=now)
    )
    return conn.execute(statement).rowcount == 1


def current(conn: Connection, account_id: int, agency_id: int) -> Row[Any] | None:
    """The shift in which an account is on duty for an agency now; nobody cancels it meanwhile."""
    query = (
        select(duty_shift)
        .where(duty_shift.c.account_id == account_id, duty_shift.c.agency_id == agency_id)
        .where(duty_shift.c.from_at <= db_now(), duty_shift.c.until_at > db_now())
        .where(duty_shift.c.cancelled_at.is_(None))
        .order_by(duty_shift.c.id)
        .limit(1)
        .with_for_update(read=True)
    )
    return conn.execute(query).one_or_none()


def load(conn: Connection, shift_id: int) -> Row[Any] | None:
    """A shift with its person's name and office and its agency's name and path."""
    return conn.execute(_shifts().where(duty_shift.c.id == shift_id)).one_or_none()


def page_of(conn: Connection, path: str, before: int, limit: int) -> list[Row[Any]]:
    """Shifts of an agency and those below it, newest first."""
    query = _shifts().where(below(path), duty_shift.c.id < before).order_by(duty_shift.c.id.desc())
    return list(conn.execute(query.limit(limit)))


def _shifts() -> Any:
    return (
        select(
            duty_shift,
            account.c.name.label("person"),
            account.c.office,
            agency.c.path,
            agency.c.name.label("agency_name"),
        )
        .join(account, account.c.id == duty_shift.c.account_id)
        .join(agency, agency.c.id == duty_shift.c.agency_id)
    )
