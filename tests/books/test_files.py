"""Books as files: what programs, spreadsheets and people read must be the same, and harmless."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable
from xml.etree import ElementTree

import pytest

from dispatcher.books import csv_file, printed, xlsx_file
from dispatcher.books.book import Book, Column, Form, Tallied, Values
from dispatcher.books.heading import Heading
from dispatcher.domain.period import of_days
from tests.ledger.world import NOW

BOOK = Book(
    "tried",
    "Sổ thử",
    "Tried",
    "Dựa trên số liệu giả lập.",
    "From synthetic figures.",
    (
        Column("text", "Chữ", "Text"),
        Column("number", "Số", "Number", Form.NUMBER),
        Column("money", "Tiền", "Money", Form.MONEY),
        Column("moment", "Lúc", "Moment", Form.MOMENT),
        Column("length", "Thời lượng", "Length", Form.LENGTH),
        Column("code", "Mã", "Code", Form.CODE, "status"),
        Column("tally", "Số lượng", "Tally", Form.TALLY, "people"),
    ),
)
HEADING = Heading("UBND xã Gia Viễn", of_days("2026-11-01", "2026-11-30"), NOW, "Vũ Thị Thanh Tra")
TALLY = (Tallied("delivered", "carrier", 1_812), Tallied("failed", "none", 3))
ROW: Values = ["Nước lên", 1_234_567, 900.5, NOW, 95_000, "delivered", TALLY]
EMPTY: Values = [None] * 7

#: What a spreadsheet would take for a formula (OWASP, CSV injection).
HARMFUL = ['=HYPERLINK("http://x")', "+84•••001", "-1+1", "@SUM(1)", "\t=1", "\r=1"]


def as_csv(rows: Iterable[Values]) -> list[list[str]]:
    out = io.BytesIO()
    csv_file.write(BOOK, HEADING, rows, out)
    assert out.getvalue().startswith("\ufeff".encode())
    return list(csv.reader(io.StringIO(out.getvalue().decode("utf-8-sig"), newline="")))


def test_csv_is_for_programs() -> None:
    head, row, empty = as_csv([ROW, EMPTY])
    assert head == [column.name for column in BOOK.columns]
    assert row == [
        "Nước lên", "1234567", "900.5", "2026-11-19T08:00:00.000+07:00", "95000", "delivered",
        "delivered/carrier=1812; failed/none=3",
    ]  # fmt: skip
    assert empty == [""] * 7


@pytest.mark.parametrize("cell", HARMFUL)
def test_no_cell_of_csv_is_calculated(cell: str) -> None:
    _, row = as_csv([[cell, -5, None, None, None, cell, None]])
    assert (row[0], row[5]) == (f"'{cell}", f"'{cell}")
    assert row[1] == "-5", "a number is no text"


def as_html(rows: Iterable[Values], book: Book = BOOK) -> str:
    out = io.BytesIO()
    printed.write(book, HEADING, rows, out)
    return out.getvalue().decode()


def test_print_is_for_people() -> None:
    page = as_html([ROW])
    assert re.findall("<td>(.*?)</td>", page) == [
        "Nước lên", "1.234.567", "900,5", "08:00:00 19/11/2026", "1 phút 35 giây", "đã đến",
        "đã đến máy (nhà mạng báo): 1.812; không thành công (chưa có căn cứ): 3",
    ]  # fmt: skip
    for words in (
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "UBND xã Gia Viễn",
        "từ ngày 01/11/2026 đến ngày 30/11/2026",
        "08:00 ngày 19/11/2026",
        "Dựa trên số liệu giả lập.",
    ):
        assert words in page


def test_a_code_without_words_is_printed_as_it_is() -> None:
    page = as_html([[None, None, None, None, None, "beamed", (Tallied("beamed", "77", 1),)]])
    assert re.findall("<td>([^<]+)</td>", page) == ["beamed", "beamed (77): 1"]


def test_nothing_in_a_cell_is_markup() -> None:
    page = as_html([["<script>alert(1)</script>", *EMPTY[1:]]])
    assert "<script" not in page


def test_a_book_without_rows_says_so() -> None:
    assert "Không có dòng nào trong kỳ." in as_html([])


def sheets(rows: Iterable[Values], most: int = 1_000) -> list[list[list[tuple[str, str]]]]:
    """(type, what stands there) of each cell, by sheet and row."""
    out = io.BytesIO()
    xlsx_file.write(BOOK, HEADING, rows, out, most=most)
    packed = zipfile.ZipFile(out)
    names = sorted(each for each in packed.namelist() if "worksheets/sheet" in each)
    space = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    return [
        [
            [(cell.get("t", "n"), "".join(cell.itertext())) for cell in row.iter(f"{space}c")]
            for row in ElementTree.fromstring(packed.read(name)).iter(f"{space}row")  # noqa: S314
        ]
        for name in names
    ]


def test_a_workbook_has_both_headings_and_excel_s_own_values() -> None:
    ((vi, en, row),) = sheets([ROW])
    assert [text for _, text in vi] == [column.vi for column in BOOK.columns]
    assert [text for _, text in en] == [column.en for column in BOOK.columns]
    assert [kind for kind, _ in row] == ["inlineStr", "n", "n", "n", "n", "inlineStr", "inlineStr"]
    assert row[1][1] == "1234567"
    assert float(row[3][1]) == pytest.approx(46_345 + 8 / 24), "19 November 2026, 08:00"
    assert row[4][1] == "95"


@pytest.mark.parametrize("cell", HARMFUL)
def test_no_cell_of_a_workbook_is_a_formula(cell: str) -> None:
    ((_, _, row),) = sheets([[cell, *EMPTY[1:]]])
    assert row[0][0] == "inlineStr"


def test_what_does_not_fit_on_a_sheet_goes_on_in_the_next() -> None:
    found = sheets([ROW] * 5, most=4)
    assert [len(rows) - 2 for rows in found] == [2, 2, 1]
