"""Personal data: one value shown, a wish noted, a person reported on or erased, a list let out.

Answers with personal data are not to be stored by anybody on the way.
"""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field
from starlette.responses import HTMLResponse, StreamingResponse

from dispatcher import bootstrap
from dispatcher.ask_export import ask_export, decide_export
from dispatcher.borders import Crossing, borders
from dispatcher.domain.model import AddressKind
from dispatcher.erase import Asked, Erased, erase
from dispatcher.export_contacts import export_contacts
from dispatcher.ledger import data_requests
from dispatcher.ledger.data_requests import State
from dispatcher.ledger.handles import Row
from dispatcher.opt_out import opt_out
from dispatcher.report_subject import SubjectReport, report_subject
from dispatcher.reveal import Field as Shown
from dispatcher.reveal import reveal
from dispatcher.subject_form import print_report
from dispatcher.switchboard import traits_by_provider
from dispatcher.web.access import NEWEST, Here, Me
from dispatcher.web.v1.shapes import Before, Created, Limit, Number

router = APIRouter(tags=["personal data"])

_NOT_KEPT = {"Cache-Control": "no-store"}

Why = Annotated[
    str, Field(min_length=1, max_length=500, description="Ten characters at least, not personal.")
]


class Reveal(BaseModel):
    """Which value of a contact, and why."""

    field: Shown
    why: Why


class Value(BaseModel):
    value: str


class Person(BaseModel):
    """An address as somebody writes it: a phone, an e-mail address or a Zalo user id."""

    kind: AddressKind
    value: str = Field(min_length=1, max_length=320)


class Wish(Person):
    """``channel``: one, or ``*`` for all; ``how``: reply, link, letter, call, in_person, …"""

    channel: str = Field(default="*", min_length=1, max_length=40)
    how: str = Field(min_length=1, max_length=40)


class Noted(BaseModel):
    """``new``: false when it was known."""

    new: bool


class Erasure(Person):
    """``on``: the request's date, ``2026-11-19``; ``symbol``: its number in your records."""

    why: Why
    on: str = Field(min_length=10, max_length=10)
    symbol: str = Field(default="", max_length=100)


class Ask(Person):
    why: Why


class ExportAsked(BaseModel):
    """``area``: a code; empty for all."""

    area: str = Field(default="", max_length=5)
    why: Why


class Decided(StrEnum):
    APPROVED = "approved"
    REFUSED = "refused"


class Decision(BaseModel):
    decision: Decided


class Export(BaseModel):
    """A request for a list. ``state``: asked, approved, refused or used; times in epoch ms."""

    id: int
    agency: str
    area: str
    why: str
    state: str
    asked_by: str
    asked_at: int
    decided_by: str | None
    decided_at: int | None
    used_at: int | None


class Exports(BaseModel):
    """``next``: pass it as ``before`` for the next page; null on the last one."""

    items: list[Export]
    next: int | None


class Crossings(BaseModel):
    items: list[Crossing]


@router.post("/contacts/{contact}/reveal")
def reveal_value(here: Here, me: Me, response: Response, contact: Number, asked: Reveal) -> Value:
    """Show one value unmasked: an act in the ledger, thirty an hour."""
    response.headers.update(_NOT_KEPT)
    return Value(value=reveal(here.ledger, me, contact, asked.field, asked.why))


@router.post("/personal/opt-outs")
def note_wish(here: Here, me: Me, wish: Wish) -> Noted:
    """Note that a person wants nothing more. Emergencies reach them all the same."""
    new = opt_out(
        here.ledger, me, wish.kind, wish.value, wish.channel, wish.how, channels=here.traits
    )
    return Noted(new=new)


@router.post("/personal/erasures")
def erase_person(here: Here, me: Me, asked: Erasure) -> Erased:
    """Forget a person. The log stays whole; a list that brings them back does not reach them."""
    request = Asked(asked.why, asked.on, asked.symbol)
    return erase(here.ledger, here.traits, me, asked.kind, asked.value, request)


@router.post("/personal/reports")
def report_person(here: Here, me: Me, response: Response, asked: Ask) -> SubjectReport:
    """Everything about a person: records, wishes, deliveries, and who had them shown."""
    response.headers.update(_NOT_KEPT)
    return report_subject(here.ledger, here.traits, me, asked.kind, asked.value, asked.why)


@router.post("/personal/reports/page", response_class=HTMLResponse)
def print_person(here: Here, me: Me, asked: Ask) -> HTMLResponse:
    """The same as the page that is handed to the person."""
    made = report_subject(here.ledger, here.traits, me, asked.kind, asked.value, asked.why)
    return HTMLResponse(print_report(made, bootstrap.templates_dir()), headers=_NOT_KEPT)


@router.post("/personal/exports", status_code=201)
def ask(here: Here, me: Me, asked: ExportAsked) -> Created:
    """Ask for the list of contacts; somebody else decides."""
    return Created(id=ask_export(here.ledger, me, asked.area, asked.why))


@router.get("/personal/exports")
def list_exports(here: Here, me: Me, before: Before = None, limit: Limit = 50) -> Exports:
    """Requests of your agency and those below it, newest first."""
    with here.ledger.read() as conn:
        rows = data_requests.page_of(conn, me.path, before or NEWEST, limit)
    return Exports(
        items=[_export(row) for row in rows], next=rows[-1].id if len(rows) == limit else None
    )


@router.post("/personal/exports/{export}/decision", status_code=204)
def decide(here: Here, me: Me, export: Number, said: Decision) -> None:
    """Approve or refuse what somebody else asked for. Approved, it is good for 24 hours."""
    decide_export(here.ledger, me, export, State(said.decision.value))


@router.post("/personal/exports/{export}/file", response_class=StreamingResponse)
def take(here: Here, me: Me, export: Number) -> StreamingResponse:
    """The CSV file of an approved request, once, for who asked; every copy says whose it is."""
    pieces = export_contacts(here.ledger, me, export)
    name = {"Content-Disposition": f'attachment; filename="danh-ba-{export}.csv"'}
    return StreamingResponse(pieces, media_type="text/csv", headers={**_NOT_KEPT, **name})


@router.get("/personal/borders")
def list_borders(here: Here, me: Me) -> Crossings:
    """What personal data leaves by which route, and which of it the country."""
    return Crossings(items=borders(here.ledger, traits_by_provider(), me))


def _export(row: Row[Any]) -> Export:
    return Export(
        id=row.id,
        agency=row.agency_name,
        area=row.terms["area"],
        why=row.why,
        state=row.state,
        asked_by=row.asked_by_name,
        asked_at=row.asked_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        used_at=row.used_at,
    )
