"""Tables as spreadsheets export them: any of Excel's encodings and separators, row by row."""

import codecs
import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO, Any

from dispatcher.domain.contact_errors import FILE_ERRORS
from dispatcher.domain.errors import BadInput

_SNIFFED = 64 * 1024

#: First bytes → encoding. A file without a mark is UTF-8, or else Windows-1258.
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

#: What Excel itself writes: a zip (.xlsx) or a compound file (.xls).
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

_SEPARATORS = ",;\t|"

#: Cells longer than this are a quotation mark that is never closed.
_LONGEST_CELL = 10_000


class BrokenRow(Exception):
    """From this row on the table cannot be read; ``row`` counts as spreadsheets do."""

    def __init__(self, row: int) -> None:
        super().__init__(f"row {row}")
        self.row = row


def read_table(source: IO[bytes] | bytes) -> Iterator[tuple[int, list[str]]]:
    """(row number, cells) for each row that is not empty; numbers from 1, as in a spreadsheet.

    Text is NFC without surrounding blanks; bytes that are no text become U+FFFD. Raises BadInput
    for what is no table, and BrokenRow where a quotation mark is left open.
    """
    stream = io.BytesIO(source) if isinstance(source, bytes) else source
    head = stream.read(_SNIFFED)
    encoding = _encoding(head)
    text = io.TextIOWrapper(
        io.BufferedReader(_Rejoined(head, stream)), encoding, errors="replace", newline=""
    )
    first = text.readline()
    if first.lower().startswith("sep="):
        yield from _rows(text, first[4:5], 2)
    else:
        yield from _rows(
            chain([first], text), _separator(chain([first], _lines(head, encoding))), 1
        )


class _Rejoined(io.RawIOBase):
    """A stream whose first bytes have been looked at."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        super().__init__()
        self._head, self._rest = head, rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        view = memoryview(buffer)
        data = self._head[: len(view)] or self._rest.read(len(view))
        self._head = self._head[len(data) :]
        view[: len(data)] = data
        return len(data)


def _encoding(head: bytes) -> str:
    if not head.strip():
        raise BadInput("file_empty", *FILE_ERRORS["file_empty"])
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    if head.startswith(_WORKBOOKS) or b"\x00" in head:
        raise BadInput("file_not_csv", *FILE_ERRORS["file_not_csv"])
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1258"
    return "utf-8"


def _lines(head: bytes, encoding: str) -> list[str]:
    return head.decode(encoding, errors="replace").splitlines()[:10]


def _separator(lines: Iterable[str]) -> str:
    """The separator that occurs most in any one of the first lines: titles may come before."""
    counts = dict.fromkeys(_SEPARATORS, 0)
    for line in lines:
        for each in _SEPARATORS:
            counts[each] = max(counts[each], line.count(each))
    return max(counts, key=lambda each: counts[each])


def _rows(lines: Iterable[str], separator: str, start: int) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(lines, delimiter=separator or ",")
    number = start - 1
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise BrokenRow(number) from None
        if any(len(cell) > _LONGEST_CELL for cell in cells):
            raise BrokenRow(number)
        if any(cell.strip() for cell in cells):
            yield number, [_clean(cell) for cell in cells]


def _clean(cell: str) -> str:
    """NFC with single ordinary blanks: Word leaves hard spaces, macOS letters taken apart."""
    return unicodedata.normalize("NFC", " ".join(cell.replace("\u200b", "").split()))
