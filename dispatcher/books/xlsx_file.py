"""A book as an Excel workbook, written row by row: memory does not grow with it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, BinaryIO

import xlsxwriter

from dispatcher.books.book import Book, Column, Form, Value, Values
from dispatcher.books.forms import plain, printed
from dispatcher.books.heading import Heading
from dispatcher.domain.period import local

#: Rows of a sheet (Excel's own limit); what is beyond goes on in another sheet.
_MOST = 1_048_576
_HEAD = 2
_WIDTH = 22

_FORMATS = {
    Form.NUMBER: "#,##0",
    Form.MONEY: "#,##0.##",
    Form.MOMENT: "hh:mm:ss dd/mm/yyyy",
    Form.LENGTH: "0.0",
}


def write(
    book: Book, heading: Heading, rows: Iterable[Values], out: BinaryIO, *, most: int = _MOST
) -> None:
    """Headings in Vietnamese and English, then values as Excel's own numbers and dates.

    ``most``: rows of a sheet. No text becomes a formula or a link.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    workbook = xlsxwriter.Workbook(out, options)
    workbook.set_properties({"title": book.vi, "author": heading.agency, "subject": heading.days})
    formats = {form: workbook.add_format({"num_format": text}) for form, text in _FORMATS.items()}
    bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top", "border": 1})
    sheet, line = _sheet(workbook, book, bold), _HEAD
    for values in rows:
        if line == most:
            sheet, line = _sheet(workbook, book, bold), _HEAD
        for place, (value, column) in enumerate(zip(values, book.columns, strict=True)):
            _cell(sheet, (line, place), value, column, formats)
        line += 1
    workbook.close()


def _sheet(workbook: Any, book: Book, bold: Any) -> Any:
    sheet = workbook.add_worksheet()
    sheet.freeze_panes(_HEAD, 0)
    sheet.set_column(0, len(book.columns) - 1, _WIDTH)
    for line, heads in enumerate(([each.vi for each in book.columns],
                                  [each.en for each in book.columns])):  # fmt: skip
        for place, head in enumerate(heads):
            sheet.write_string(line, place, head, bold)
    return sheet


def _cell(
    sheet: Any, spot: tuple[int, int], value: Value, column: Column, formats: Mapping[Form, Any]
) -> None:
    if value is None or value == "":
        return
    shown = _SHOWN.get(column.form, printed)(value, column)
    style = formats.get(column.form)
    if isinstance(shown, str):
        sheet.write_string(*spot, shown)
    elif column.form is Form.MOMENT:
        sheet.write_datetime(*spot, shown, style)
    else:
        sheet.write_number(*spot, shown, style)


def _moment(value: Any, _column: Column) -> Any:
    """Excel knows no zones: the hour is Hà Nội's."""
    return local(value).replace(tzinfo=None)


def _seconds(value: Any, _column: Column) -> float:
    return float(value) / 1000


_SHOWN: Mapping[Form, Callable[[Any, Column], Any]] = {
    Form.NUMBER: plain,
    Form.MONEY: plain,
    Form.MOMENT: _moment,
    Form.LENGTH: _seconds,
}
