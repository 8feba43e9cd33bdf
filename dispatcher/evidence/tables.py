"""``deliveries.csv`` and ``deliveries.xlsx``: one row a delivery, the same text in both."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, BinaryIO

import xlsxwriter

from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.evidence import words
from dispatcher.evidence.folder import Folder
from dispatcher.ledger.handles import Row

HEADINGS = (
    "Lượt gửi / delivery",
    "Bước / step",
    "Kênh / channel",
    "Loại đích / target kind",
    "Đích đã che / masked target",
    "Mã trạng thái / status",
    "Trạng thái",
    "Căn cứ / evidence",
    "Mã lý do / reason",
    "Lý do / why",
    "Lần thử / attempt",
    "Số phần / parts",
    "Kết nối / route",
    "Mã của nhà cung cấp / provider id",
    "Ghi lúc / recorded",
    "Nhà cung cấp báo lúc / word",
    "Số thứ tự mục / n",
    "Trang sổ / page",
)
#: Columns that a spreadsheet may add up.
_NUMBERS = {1, 8, 10, 11, 12, 16, 17}

#: What a spreadsheet would read as the beginning of a formula.
_FORMULA = tuple("=+-@\t\r")

#: Rows of an XLSX sheet, by its format.
_SHEET = 1_048_576


def cells(row: Row[Any], target: str) -> list[str]:
    """A delivery as both tables have it. ``target``: masked."""
    status = Status(row.status)
    return [
        f"{row.dispatch_id}.{row.id}",
        str(row.step),
        row.channel,
        TargetKind(row.target_kind).name.lower(),
        target,
        status.word,
        words.STATUSES[status],
        Evidence(row.evidence).word,
        str(row.reason),
        Reason(row.reason).code if row.reason else "",
        str(row.attempt),
        str(row.parts),
        str(row.route_id or ""),
        row.provider_ref or "",
        words.moment(row.updated_at),
        words.moment(row.word_at or 0),
        str(row.n),
        str(row.page_id),
    ]


class Tables:
    """Both files, a row at a time; neither is ever in memory as a whole."""

    def __init__(self, file: BinaryIO, book: xlsxwriter.Workbook) -> None:
        self._file, self._book = file, book
        self._text = io.StringIO(newline="")
        self._csv = csv.writer(self._text)
        self._line = _SHEET
        file.write(b"\xef\xbb\xbf")  # tells Excel that this is UTF-8
        self._to_csv(HEADINGS)
        self._begin_sheet()

    def add(self, row: Sequence[str]) -> None:
        self._to_csv([f"'{each}" if each.startswith(_FORMULA) else each for each in row])
        if self._line == _SHEET:
            self._begin_sheet()
        for column, value in enumerate(row):
            if column in _NUMBERS and value:
                self._sheet.write_number(self._line, column, int(value))
            else:
                self._sheet.write_string(self._line, column, value)
        self._line += 1

    def _to_csv(self, row: Sequence[str]) -> None:
        self._csv.writerow(row)
        self._file.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()

    def _begin_sheet(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 1)
        self._sheet.set_column(0, len(HEADINGS) - 1, 18)
        for column, heading in enumerate(HEADINGS):
            self._sheet.write_string(0, column, heading)
        self._line = 1


@contextmanager
def tables(folder: Folder) -> Iterator[Tables]:
    """The two tables of a bundle, closed and hashed at the end."""
    book = xlsxwriter.Workbook(folder.path / "deliveries.xlsx", {"constant_memory": True})
    with folder.open("deliveries.csv") as file:
        yield Tables(file, book)
    book.close()
    folder.adopt("deliveries.xlsx")
