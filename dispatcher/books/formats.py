"""The files a book can be had as."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from dispatcher.books import csv_file, printed, xlsx_file
from dispatcher.books.book import Book, Values
from dispatcher.books.heading import Heading

Writer = Callable[[Book, Heading, Iterable[Values], BinaryIO], None]


@dataclass(frozen=True, slots=True)
class Format:
    """``media``: its MIME type; ``write``: puts a book into a binary file."""

    media: str
    write: Writer


FORMATS: Mapping[str, Format] = {
    "csv": Format("text/csv; charset=utf-8", csv_file.write),
    "xlsx": Format(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", xlsx_file.write
    ),
    "html": Format("text/html; charset=utf-8", printed.write),
}
