"""Books explain themselves: every code has words, every column its line in both documents."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher.books.book import Book, Form
from dispatcher.books.plays import _ENDS
from dispatcher.books.reconciliation import BOOK as RECONCILIATION
from dispatcher.books.shelf import SHELF
from dispatcher.books.words import WORDS
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger.books import exceptions
from tests.test_docs import rows, section

DOCS = Path(__file__).parents[2] / "docs"
BOOKS = [*(each.book for each in SHELF.values()), RECONCILIATION]


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
@pytest.mark.parametrize(("page", "heading"), [("books.md", "en"), ("so-sach.md", "vi")])
def test_every_column_is_explained(book: Book, page: str, heading: str) -> None:
    told = [
        (row[0], row[1])
        for row in rows(section((DOCS / page).read_text(), getattr(book, heading)))
        if len(row) >= 3 and row[2]
    ]
    assert told == [(column.name, getattr(column, heading)) for column in book.columns]


@pytest.mark.parametrize("page", ["books.md", "so-sach.md"])
@pytest.mark.parametrize(("book", "codes"), [("exceptions", "exception"),
                                             ("reconciliation", "difference")])  # fmt: skip
def test_every_exception_and_difference_is_explained(page: str, book: str, codes: str) -> None:
    (of,) = [each for each in BOOKS if each.name == book]
    heading = of.en if page == "books.md" else of.vi
    told = [row[0] for row in rows(section((DOCS / page).read_text(), heading)) if len(row) == 2]
    assert told == list(WORDS[codes])


@pytest.mark.parametrize("book", BOOKS, ids=lambda book: book.name)
def test_names_of_columns_are_unique_and_codes_have_words(book: Book) -> None:
    names = [column.name for column in book.columns]
    assert len(set(names)) == len(names)
    spoken = [column.words for column in book.columns if column.form in (Form.CODE, Form.TALLY)]
    assert set(spoken) <= set(WORDS)


def test_every_code_has_words() -> None:
    assert set(WORDS["status"]) == {each.word for each in Status}
    assert set(WORDS["evidence"]) == {each.word for each in Evidence}
    assert set(WORDS["reason"]) == {each.code for each in Reason if each}
    assert set(WORDS["exception"]) == set(exceptions.SOURCES)
    assert set(WORDS["play"]) == _ENDS
