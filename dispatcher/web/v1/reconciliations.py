"""A provider's invoice against our own log, for auditors."""

import io
from enum import StrEnum
from typing import Annotated, BinaryIO

from fastapi import APIRouter, File, Form, UploadFile
from fastapi.responses import StreamingResponse

from dispatcher.books.formats import FORMATS
from dispatcher.books.reconciliation import BOOK
from dispatcher.domain.invoices import given_columns
from dispatcher.open_book import heading, write
from dispatcher.reconcile import reconcile
from dispatcher.web.access import Here, Me
from dispatcher.web.v1 import files

router = APIRouter(prefix="/reconciliations", tags=["books"])

Kind = StrEnum("Kind", {name: name for name in FORMATS})  # type: ignore[misc]


@router.post(
    "",
    responses={
        200: {
            "description": "The differences; how many there are in the header Loa-Differences.",
            "content": {kind.media.partition(";")[0]: {} for kind in FORMATS.values()},
        }
    },
)
def reconcile_invoice(  # noqa: PLR0917 - the form as the API describes it
    here: Here,
    me: Me,
    invoice: Annotated[UploadFile, File(description="CSV in UTF-8 with a header.")],
    route: Annotated[str, Form(max_length=200, description="Number or name.")],
    month: Annotated[str, Form(max_length=7, description="YYYY-MM, Hà Nội.")],
    columns: Annotated[str, Form(max_length=500, description="reference=Sid,parts=Segments")] = "",
    format: Annotated[Kind | None, Form(description="csv unless told")] = None,  # noqa: A002 - the field's name
) -> StreamingResponse:
    """Every difference between an invoice for a month and what left by a route, as a file."""
    text = io.TextIOWrapper(invoice.file, "utf-8", errors="replace", newline="")
    given, kind = given_columns(columns), format.value if format else "csv"
    with reconcile(here.ledger, me, route, month, text, given) as compared:

        def fill(out: BinaryIO) -> None:
            with here.ledger.read() as conn:
                above = heading(conn, me, compared.month, f"Kết nối: {compared.route}")
            write(BOOK, above, compared.rows(), kind, out)

        answer = files.made(fill, kind, f"reconciliation-{month}")
        answer.headers["Loa-Differences"] = str(compared.differences)
    text.detach()
    return answer
