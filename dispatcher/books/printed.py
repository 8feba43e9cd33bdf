"""A book as a page that prints: the form of an administrative document, one row at a time."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from dispatcher.books.book import Book, Values
from dispatcher.books.forms import printed
from dispatcher.books.heading import Heading


def write(book: Book, heading: Heading, rows: Iterable[Values], out: BinaryIO) -> None:
    """Self-contained HTML in UTF-8, landscape A4 when printed."""
    templates = Environment(
        loader=FileSystemLoader(_templates() / "books"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = templates.get_template("book.html").generate(
        book=book, heading=heading, lines=_lines(book, rows)
    )
    out.writelines(piece.encode() for piece in page)


def _lines(book: Book, rows: Iterable[Values]) -> Iterator[list[str]]:
    for values in rows:
        yield [printed(value, column) for value, column in zip(values, book.columns, strict=True)]


def _templates() -> Path:
    """Beside the package in a checkout, inside it when installed."""
    package = Path(str(files("dispatcher")))
    checkout = package.parent / "templates"
    return checkout if checkout.is_dir() else package / "_templates"
