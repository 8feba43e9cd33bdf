"""The auditors' books: a page as JSON, the whole as a file."""

from enum import StrEnum
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from dispatcher.books.book import Book
from dispatcher.books.formats import FORMATS
from dispatcher.books.forms import structured
from dispatcher.books.shelf import SHELF, take
from dispatcher.domain.period import of_days
from dispatcher.open_book import read_book, write_book
from dispatcher.web.access import Here, Me
from dispatcher.web.v1 import files
from dispatcher.web.v1.shapes import Limit

router = APIRouter(prefix="/books", tags=["books"])

Name = StrEnum("Name", {name: name for name in SHELF})  # type: ignore[misc]
Kind = StrEnum("Kind", {name: name for name in ("json", *FORMATS)})  # type: ignore[misc]


class Column(BaseModel):
    """A column's name in ``items``, and its headings."""

    name: str
    vi: str
    en: str


class Page(BaseModel):
    """Rows as objects by column name; moments as RFC 3339.

    ``basis``: whose word the figures rest on. ``next``: pass it as ``after``; null at the end. A
    page may be short although others follow.
    """

    title: str
    basis: str
    columns: list[Column]
    items: list[dict[str, Any]]
    next: str | None


@router.get(
    "/{name}",
    response_model=Page,
    responses={
        200: {
            "description": "A page of the book, or the whole book as a file.",
            "content": {kind.media.partition(";")[0]: {} for kind in FORMATS.values()},
        }
    },
)
def get_book(  # noqa: PLR0917 - the query as the API describes it
    request: Request,
    here: Here,
    me: Me,
    name: Name,
    first: Annotated[str, Query(alias="from", min_length=10, max_length=10)],
    last: Annotated[str, Query(alias="to", min_length=10, max_length=10)],
    format: Annotated[Kind | None, Query()] = None,  # noqa: A002 - the parameter's name
    after: Annotated[str, Query(max_length=120)] = "",
    limit: Limit = 50,
) -> Any:
    """A book about the agency and those below it, days included, for auditors.

    JSON is paged; a file, by ``format`` or the header Accept, is the whole book.
    """
    period = of_days(first, last)
    kind = format.value if format else _accepted(request)
    if kind in FORMATS:

        def fill(out: BinaryIO) -> None:
            write_book(here.ledger, me, name.value, period, kind, out)

        return files.made(fill, kind, f"{name.value}-{first}-{last}")
    part = read_book(here.ledger, me, name.value, period, after, limit)
    book = take(name.value).book
    return Page(
        title=book.vi,
        basis=book.basis_vi,
        columns=[Column(name=each.name, vi=each.vi, en=each.en) for each in book.columns],
        items=[_item(book, values) for values in part.rows],
        next=part.next or None,
    )


def _item(book: Book, values: Any) -> dict[str, Any]:
    return {
        column.name: structured(value, column)
        for value, column in zip(values, book.columns, strict=True)
    }


def _accepted(request: Request) -> str:
    """The kind that the header Accept names first, JSON for anything else."""
    wishes = [each.split(";")[0].strip() for each in request.headers.get("accept", "").split(",")]
    kinds = {kind.media.partition(";")[0]: name for name, kind in FORMATS.items()}
    kinds["application/json"] = "json"
    return next((kinds[each] for each in wishes if each in kinds), "json")
