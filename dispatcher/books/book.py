"""What a book is: columns with headings in two languages, and rows that are read slice by slice."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from dispatcher.domain.errors import BadInput
from dispatcher.ledger.books.scope import Scope
from dispatcher.ledger.handles import Connection


class Form(Enum):
    """How a column's values are written for people."""

    TEXT = auto()
    NUMBER = auto()
    #: VND.
    MONEY = auto()
    #: Epoch ms.
    MOMENT = auto()
    #: A length in ms.
    LENGTH = auto()
    #: A code that has words; an unknown one is shown as it is.
    CODE = auto()
    #: Tally: how many, by status and by whose word it is.
    TALLY = auto()


@dataclass(frozen=True, slots=True)
class Tallied:
    """So many of one unit stand like this; ``status`` and ``evidence`` are codes."""

    status: str
    evidence: str
    number: int


#: None where there is nothing to say.
Value = str | int | float | tuple[Tallied, ...] | None
Values = Sequence[Value]


@dataclass(frozen=True, slots=True)
class Column:
    """``name``: for programs; ``words``: of a CODE or TALLY, whose words (``books.words``)."""

    name: str
    vi: str
    en: str
    form: Form = Form.TEXT
    words: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """Some rows of a book. ``next``: where the next slice begins, empty at the end."""

    rows: list[Values]
    next: str


#: (connection, whose and when, where to go on, how many at most).
Reader = Callable[[Connection, Scope, str, int], Slice]


@dataclass(frozen=True, slots=True)
class Book:
    """A book's form. ``basis_vi``, ``basis_en``: whose word its figures rest on."""

    name: str
    vi: str
    en: str
    basis_vi: str
    basis_en: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Shelved:
    """A book that can be read from the ledger. ``personal``: its rows are about recipients."""

    book: Book
    read: Reader
    personal: bool = False


#: Rows read at a time where all are wanted.
_SLICE = 500


def all_rows(conn: Connection, shelved: Shelved, scope: Scope) -> Iterator[Values]:
    """Every row of a book, a slice at a time: memory does not grow with the period."""
    place = ""
    while True:
        part = shelved.read(conn, scope, place, _SLICE)
        yield from part.rows
        if not part.next:
            return
        place = part.next


def numbers(place: str, count: int) -> tuple[int, ...]:
    """The numbers of a ``next``, zeros for an empty one. Raises BadInput for anything else."""
    if not place:
        return (0,) * count
    parts = place.split(".")
    good = len(parts) == count and all(each.isascii() and each.isdigit() for each in parts)
    if not good or any(len(each) > 18 for each in parts):
        raise bad_place()
    return tuple(int(each) for each in parts)


def bad_place() -> BadInput:
    return BadInput(
        "bad_place",
        "Vị trí đọc tiếp không đúng: dùng nguyên giá trị 'next' của trang trước.",
        "This is no place to go on from: use the 'next' of the page before as it is.",
        field="after",
    )
