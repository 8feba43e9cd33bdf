"""A book as CSV: one line of column names, values for programs, and safe to open in Excel."""

import csv
import io
from collections.abc import Iterable
from typing import BinaryIO

from dispatcher.books.book import Book, Values
from dispatcher.books.forms import plain
from dispatcher.books.heading import Heading

#: A cell that begins with one of these is a formula to a spreadsheet (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def write(book: Book, _heading: Heading, rows: Iterable[Values], out: BinaryIO) -> None:
    """RFC 4180 in UTF-8 with a byte order mark: without it Excel reads Vietnamese as Latin.

    A text that a spreadsheet would calculate is led by an apostrophe; numbers stay numbers.
    """
    text = io.TextIOWrapper(out, "utf-8-sig", newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow([column.name for column in book.columns])
    lines.writerows(
        [_safe(plain(value, column)) for value, column in zip(values, book.columns, strict=True)]
        for values in rows
    )
    text.flush()
    text.detach()


def _safe(value: str | float | None) -> str | float | None:
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
