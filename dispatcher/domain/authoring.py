"""Reads what people write: strict tables whose every complaint names the field and the way out."""

import datetime as dt
import json
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from dispatcher.domain.errors import BadInput

E = TypeVar("E", bound=StrEnum)

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")

#: ``+2d``, ``+6h``, ``+30m``, or several of them, the longest first: ``+1h30m``.
_RELATIVE = re.compile(r"\+(?=\d)(?:(\d{1,4})d)?(?:(\d{1,4})h)?(?:(\d{1,4})m)?")
_SHA256 = re.compile("[0-9a-f]{64}")
_UNITS_MS = (86_400_000, 3_600_000, 60_000)


@dataclass(frozen=True, slots=True)
class Remark:
    """Something the author and the approver should see; it stops nothing."""

    code: str
    vi: str
    en: str


class Fields:
    """One table of a document. What is not taken by the time of ``finish`` is unknown."""

    def __init__(self, table: Mapping[str, Any], path: str = "") -> None:
        self._left = dict(table)
        self._path = path

    def named(self, name: str) -> str:
        """The dotted path of a field of this table."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        return name in self._left

    def names(self) -> list[str]:
        """What has not been taken yet."""
        return list(self._left)

    def text(self, name: str) -> str:
        """A string, in NFC without outer blanks; empty if not given."""
        return self._string(self._left.pop(name, ""), self.named(name))

    def needed(self, name: str) -> str:
        """A string that must not be empty."""
        text = self.text(name)
        if not text:
            raise missing(self.named(name))
        return text

    def sha256(self, name: str) -> str:
        """A SHA-256 in lower-case hexadecimal."""
        text = self.text(name)
        if not _SHA256.fullmatch(text):
            raise wrong_type(self.named(name), "mã SHA-256 (64 chữ số hex)", "a SHA-256 in hex")
        return text

    def flag(self, name: str) -> bool:
        """A boolean; false if not given."""
        value = self._left.pop(name, False)
        if not isinstance(value, bool):
            raise wrong_type(self.named(name), "true hoặc false", "true or false")
        return value

    def whole(self, name: str) -> int:
        """A whole number; 0 if not given."""
        value = self._left.pop(name, 0)
        if not isinstance(value, int) or isinstance(value, bool):
            raise wrong_type(self.named(name), "số nguyên", "a whole number")
        return value

    def choice(self, name: str, choices: type[E]) -> E:
        """A member of an enumeration by its word."""
        word = self.text(name)
        known = [each.value for each in choices]
        if word not in known:
            raise BadInput(
                "bad_choice",
                f"'{self.named(name)}' không nhận giá trị '{word}'. Chọn một trong: "
                f"{', '.join(known)}.",
                f"'{self.named(name)}' cannot be '{word}'. Choose one of: {', '.join(known)}.",
                field=self.named(name),
            )
        return choices(word)

    def table(self, name: str) -> "Fields":
        """A table inside this one; empty if not given."""
        return Fields(self._mapping(name), self.named(name))

    def tables(self, name: str) -> list["Fields"]:
        """The tables of a list; empty if not given."""
        rows = self._left.pop(name, [])
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise wrong_type(self.named(name), f"[[{name}]]", f"[[{name}]]")
        return [Fields(row, f"{self.named(name)}.{i}") for i, row in enumerate(rows)]

    def texts(self, name: str, plain: str) -> Mapping[str, str]:
        """Texts by language; a plain string is one in the language ``plain``."""
        value = self._left.pop(name, {})
        by_language = value if isinstance(value, dict) else {plain: value}
        return MappingProxyType(
            {
                lang: self._string(text, f"{self.named(name)}.{lang}")
                for lang, text in by_language.items()
            }
        )

    def nested(self, name: str, plain: str) -> Mapping[str, Mapping[str, str]]:
        """A table whose every value is a text by language."""
        inner = self.table(name)
        return MappingProxyType({key: inner.texts(key, plain) for key in inner.names()})

    def verbatim(self, name: str) -> str:
        """A string exactly as it stands; empty if not given."""
        value = self._left.pop(name, "")
        if not isinstance(value, str):
            raise wrong_type(self.named(name), "một đoạn văn bản", "a text")
        return value

    def strings(self, name: str) -> Mapping[str, str]:
        """A table of strings exactly as they stand."""
        inner = self.table(name)
        return MappingProxyType({key: inner.verbatim(key) for key in inner.names()})

    def scalars(self, name: str) -> Mapping[str, str | int]:
        """A table of strings and whole numbers."""
        values = self._mapping(name)
        for key, value in values.items():
            if not isinstance(value, str | int):
                raise wrong_type(self.named(f"{name}.{key}"), "chữ hoặc số", "a text or a number")
        return MappingProxyType(dict(values))

    def anything(self, name: str) -> Mapping[str, Any]:
        """A table as it stands."""
        return self._mapping(name)

    def value(self, name: str) -> Any:
        """Whatever stands there, for the caller to judge; None if not given."""
        return self._left.pop(name, None)

    def finish(self) -> None:
        """Raises ``BadInput`` for the first field that nothing knows."""
        for name in self._left:
            raise BadInput(
                "unknown_field",
                f"Không có mục '{self.named(name)}'. Kiểm tra chính tả hoặc bỏ mục này.",
                f"There is no field '{self.named(name)}'. Check its spelling or leave it out.",
                field=self.named(name),
            )

    def _mapping(self, name: str) -> Mapping[str, Any]:
        value = self._left.pop(name, {})
        if not isinstance(value, dict):
            raise wrong_type(self.named(name), "một nhóm mục", "a table")
        return value

    @staticmethod
    def _string(value: object, path: str) -> str:
        if not isinstance(value, str):
            raise wrong_type(path, "một đoạn văn bản", "a text")
        return unicodedata.normalize("NFC", value).strip()


def wrong_type(field: str, vi: str, en: str) -> BadInput:
    """The complaint about a value of another type than the field's."""
    return BadInput(
        "wrong_type", f"'{field}' phải là {vi}.", f"'{field}' must be {en}.", field=field
    )


def missing(field: str) -> BadInput:
    """The complaint about a field that must be given."""
    return BadInput(
        "missing_field",
        f"Thiếu mục '{field}'. Bổ sung rồi thử lại.",
        f"The field '{field}' is missing. Give it and try again.",
        field=field,
    )


def parsed_toml(text: str) -> dict[str, Any]:
    """The document of a TOML text. Raises ``BadInput`` with the parser's line and column."""
    document: dict[str, Any] = _parsed(tomllib.loads, text)
    return document


def parsed_json(data: bytes) -> dict[str, Any]:
    """The object of a JSON text. Raises ``BadInput`` with the parser's line and column."""
    document: object = _parsed(json.loads, data.decode("utf-8", "replace"))
    if not isinstance(document, dict):
        raise wrong_type("", "một đối tượng JSON", "a JSON object")
    return document


def _parsed(parse: Callable[[str], Any], text: str) -> Any:
    try:
        return parse(text)
    except ValueError as error:
        raise BadInput(
            "unreadable",
            f"Không đọc được tệp: {error}. Sửa dòng được nêu rồi thử lại.",
            f"The file cannot be read: {error}. Mend that line and try again.",
        ) from error


def instant(value: object, field: str, now: int) -> int:
    """Epoch milliseconds of a date-time or of ``+30m`` / ``+1h30m`` / ``+2d`` from ``now``.

    A date-time is TOML's, or RFC 3339 text; without an offset it is Vietnam's (+07:00, no summer
    time).
    """
    if isinstance(value, str) and (span := _RELATIVE.fullmatch(value)):
        counts = (int(count or 0) for count in span.groups())
        return now + sum(count * unit for count, unit in zip(counts, _UNITS_MS, strict=True))
    moment = _moment(value) if isinstance(value, str) else value
    if isinstance(moment, dt.datetime):
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=LOCAL)
        return int(zoned.timestamp() * 1000)
    raise wrong_type(
        field,
        'ngày giờ như 2026-11-22T18:00:00 hoặc khoảng như "+30m", "+6h", "+2d"',
        'a date-time such as 2026-11-22T18:00:00 or a span such as "+30m", "+6h", "+2d"',
    )


def coming(value: object, field: str, now: int) -> int:
    """The same of a time that is still to come. Raises ``BadInput`` for one that has passed."""
    at = instant(value, field, now)
    if at <= now:
        raise BadInput(
            "time_past",
            f"Giờ ghi ở '{field}' đã qua. Ghi giờ muộn hơn hiện tại, hoặc khoảng như +30m.",
            f"The time in '{field}' has passed. Give a later one, or a span such as +30m.",
            field=field,
        )
    return at


def _moment(text: str) -> dt.datetime | None:
    """A date with a time; a date alone does not say when."""
    if "T" not in text.upper():
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None
