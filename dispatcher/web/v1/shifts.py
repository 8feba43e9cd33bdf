"""Duty shifts: who is on duty, when, on which document's authority."""

from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dispatcher.cancel_shift import cancel_shift
from dispatcher.ledger import shifts
from dispatcher.ledger.handles import Row
from dispatcher.ledger.shifts import NewShift
from dispatcher.open_shift import open_shift, require_either
from dispatcher.web import access
from dispatcher.web.access import NEWEST, Here, Me
from dispatcher.web.v1.shapes import MOST, Before, Limit, Number

router = APIRouter(prefix="/shifts", tags=["approvals"])

_Time = Annotated[int, Field(ge=0, le=4_102_444_800_000)]


class Asked(BaseModel):
    """``account``: the person; ``agency``: 0 for the person's own; ``basis``: the document."""

    account: Annotated[int, Field(ge=1, le=MOST)]
    agency: Annotated[int, Field(ge=0, le=MOST)] = 0
    from_at: _Time
    until_at: _Time
    basis: Annotated[str, Field(min_length=1, max_length=200)]


class Shift(BaseModel):
    """A shift. Times in epoch ms; ``cancelled_at`` null while it counts."""

    id: int
    agency: str
    account: int
    person: str
    office: str
    from_at: int
    until_at: int
    basis: str
    cancelled_at: int | None


class Page(BaseModel):
    """``next``: pass it as ``before`` for the next page; null on the last one."""

    items: list[Shift]
    next: int | None


@router.get("")
def list_shifts(here: Here, me: Me, before: Before = None, limit: Limit = 50) -> Page:
    """Shifts of your agency and those below it, newest first."""
    with here.ledger.read() as conn:
        rows = shifts.page_of(conn, me.path, before or NEWEST, limit)
    items = [_shift(row) for row in rows]
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.post("", status_code=201)
def open_duty_shift(here: Here, me: Me, asked: Asked) -> Shift:
    """Put somebody else, who has the role of a duty officer, on duty."""
    require_either(me)
    with here.ledger.read() as conn:
        person = access.account(conn, me, asked.account)
        agency = asked.agency or person.agency_id
    new = NewShift(asked.account, agency, asked.from_at, asked.until_at, asked.basis)
    number = open_shift(here.ledger, me, new)
    with here.ledger.read() as conn:
        return _shift(access.shift(conn, me, number))


@router.get("/{shift}")
def get_shift(here: Here, me: Me, shift: Number) -> Shift:
    with here.ledger.read() as conn:
        return _shift(access.shift(conn, me, shift))


@router.post("/{shift}/cancel")
def cancel_duty_shift(here: Here, me: Me, shift: Number) -> Shift:
    """Let a shift give no right any more."""
    with here.ledger.read() as conn:
        access.shift(conn, me, shift)
    cancel_shift(here.ledger, me, shift)
    with here.ledger.read() as conn:
        return _shift(access.shift(conn, me, shift))


def _shift(row: Row[Any]) -> Shift:
    return Shift(
        id=row.id,
        agency=row.agency_name,
        account=row.account_id,
        person=row.person,
        office=row.office,
        from_at=row.from_at,
        until_at=row.until_at,
        basis=row.basis,
        cancelled_at=row.cancelled_at,
    )
