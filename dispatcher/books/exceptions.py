"""Sổ ngoại lệ: whatever an auditor would ask about first."""

from dispatcher.books.book import Book, Column, Form, Shelved, Slice, Values, bad_place
from dispatcher.ledger.books import exceptions
from dispatcher.ledger.books.exceptions import Exceptional, Spot
from dispatcher.ledger.books.scope import Scope
from dispatcher.ledger.handles import Connection

BOOK = Book(
    "exceptions",
    "Sổ ngoại lệ",
    "Exceptions",
    "Dựa trên hồ sơ duyệt, giờ phát và sổ nhật ký điện tử.",
    "From approvals, hours of dispatch and the ledger.",
    (
        Column("at", "Thời điểm", "Moment", Form.MOMENT),
        Column("kind", "Ngoại lệ", "Exception", Form.CODE, "exception"),
        Column("subject", "Đối tượng", "Subject"),
        Column("agency", "Cơ quan", "Agency"),
        Column("who", "Người thực hiện", "Who"),
        Column("detail", "Chi tiết", "Detail"),
    ),
)


def read(conn: Connection, scope: Scope, place: str, limit: int) -> Slice:
    """Exceptions of every kind by moment."""
    found = exceptions.after(conn, scope, _spot(place), limit)
    rows: list[Values] = [
        [each.at, each.kind, each.subject, each.agency, each.who, each.detail] for each in found
    ]
    return Slice(rows, _next(found[-1]) if len(found) == limit else "")


SHELVED = Shelved(BOOK, read)


def _next(last: Exceptional) -> str:
    return f"{last.at}.{last.key}.{last.kind}"


def _spot(place: str) -> Spot:
    if not place:
        return (0, "", 0)
    at, _, rest = place.partition(".")
    key, _, kind = rest.partition(".")
    good = all(each.isascii() and each.isdigit() and len(each) < 19 for each in (at, key))
    if not good or kind not in exceptions.SOURCES:
        raise bad_place()
    return (int(at), kind, int(key))
