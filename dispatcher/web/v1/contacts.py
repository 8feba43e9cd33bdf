"""Contacts: taken in as a list, shown without their addresses."""

from typing import Annotated, Any

from fastapi import APIRouter, File, Form, Query, UploadFile
from pydantic import BaseModel

from dispatcher.domain import authority
from dispatcher.domain.personal import mask_name
from dispatcher.import_contacts import ImportReport, import_contacts
from dispatcher.ledger import desk, reading, sealed
from dispatcher.ledger.handles import Row
from dispatcher.ledger.vault import Vault
from dispatcher.web import access
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import After, Limit

router = APIRouter(prefix="/contacts", tags=["contacts"])


class Contact(BaseModel):
    """A person. Addresses are masked, and so are names of citizens: initials.

    ``name`` is null for those without a right to import; ``lang`` is told of responsible people
    only, because it tells ethnic origin. ``POST /v1/contacts/{contact}/reveal`` shows a value.
    """

    id: int
    name: str | None
    area: str
    locality: str | None
    lang: str | None
    phone: str | None
    email: str | None
    zalo: str | None
    responsible: bool
    office: str
    source: str
    checked_at: int


class Page(BaseModel):
    """``next``: pass it as ``after`` for the next page; null on the last one."""

    items: list[Contact]
    next: int | None


class RowProblem(BaseModel):
    """Why one row was left out, and what to do. ``row`` counts from 1 as a spreadsheet does."""

    row: int
    column: str
    code: str
    vi: str
    en: str
    remedy_vi: str
    remedy_en: str


class UnknownLocality(BaseModel):
    """A locality the list names and the commune does not have."""

    area: str
    name: str
    rows: int


class Report(BaseModel):
    """What became of a list, in rows: ``rows`` = ``added`` + ``updated`` + ``refused``."""

    rows: int
    added: int
    updated: int
    refused: int
    errors: list[RowProblem]
    error_counts: dict[str, int]
    ignored_columns: list[str]
    unknown_localities: list[UnknownLocality]


@router.get("")
def list_contacts(
    here: Here,
    me: Me,
    area: Annotated[str | None, Query(max_length=5, description="A commune's code.")] = None,
    after: After = 0,
    limit: Limit = 50,
) -> Page:
    """People in the lists of your agency and those below it."""
    named = access.may(me, "import")
    with here.ledger.read() as conn:
        rows = reading.contacts_page(conn, me.path, after=after, limit=limit, area_code=area)
    items = [_contact(row, here.ledger.vault if named else None) for row in rows]
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.post("/import")
def import_list(
    here: Here,
    me: Me,
    file: Annotated[UploadFile, File(description="CSV with a header row, at most 64 MiB.")],
    source: Annotated[
        str, Form(min_length=1, max_length=200, description="Where the list comes from.")
    ],
) -> Report:
    """Take in a CSV list. Rows with errors are reported, the good ones are kept."""
    authority.require("import", me.roles)
    with here.ledger.read() as conn:
        now = desk.now(conn)
    return _report(import_contacts(here.ledger, file.file, actor=me, source_name=source, now=now))


def _name(row: Row[Any], vault: Vault) -> str:
    name = sealed.name_of(vault, row)
    return name if row.responsible else mask_name(name)


def _contact(row: Row[Any], vault: Vault | None) -> Contact:
    return Contact(
        id=row.id,
        name=_name(row, vault) if vault else None,
        area=row.area_code,
        locality=row.locality,
        lang=row.lang if row.responsible else None,
        phone=row.phone,
        email=row.email,
        zalo=row.zalo,
        responsible=row.responsible,
        office=row.office,
        source=row.source,
        checked_at=row.checked_at,
    )


def _report(report: ImportReport) -> Report:
    return Report(
        rows=report.rows,
        added=report.added,
        updated=report.updated,
        refused=report.refused,
        errors=[
            RowProblem(
                row=each.row,
                column=each.column,
                code=each.code,
                vi=each.vi,
                en=each.en,
                remedy_vi=each.remedy_vi,
                remedy_en=each.remedy_en,
            )
            for each in report.errors
        ],
        error_counts=dict(report.error_counts),
        ignored_columns=list(report.ignored_columns),
        unknown_localities=[
            UnknownLocality(area=each.area, name=each.name, rows=each.rows)
            for each in report.unknown_localities
        ],
    )
