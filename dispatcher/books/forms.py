"""Values as people in Vietnam write them, and as programs read them."""

from collections.abc import Callable, Mapping
from typing import Any

from dispatcher.books.book import Column, Form, Tallied, Value
from dispatcher.books.words import say
from dispatcher.domain.period import local


def printed(value: Value, column: Column) -> str:
    """For people: 1.234.567, 450,5, 17:05 22/11/2026, words for codes."""
    return "" if value is None else _PRINTED[column.form](value, column)


def plain(value: Value, column: Column) -> str | int | float | None:
    """For programs: numbers as numbers, RFC 3339 for moments, codes as they are."""
    if column.form is Form.MOMENT and isinstance(value, int):
        return local(value).isoformat(timespec="milliseconds")
    if isinstance(value, tuple):
        return "; ".join(f"{each.status}/{each.evidence}={each.number}" for each in value)
    return value


def structured(value: Value, column: Column) -> Any:
    """For JSON: as ``plain``, but a tally is a list."""
    if isinstance(value, tuple):
        return [
            {"status": each.status, "evidence": each.evidence, "number": each.number}
            for each in value
        ]
    return plain(value, column)


def _number(value: Any, _column: Column) -> str:
    """Points between thousands, a comma before decimals."""
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}".rstrip("0").rstrip(".")
    return text.translate(str.maketrans(",.", ".,"))


def _moment(value: Any, _column: Column) -> str:
    return local(value).strftime("%H:%M:%S %d/%m/%Y")


def _length(value: Any, _column: Column) -> str:
    minutes, seconds = divmod(round(value / 1000), 60)
    return f"{minutes} phút {seconds:02} giây" if minutes else f"{seconds} giây"


def _code(value: Any, column: Column) -> str:
    """Several codes are separated by commas."""
    return ", ".join(say(column.words, code) for code in str(value).split(","))


def _tally(value: tuple[Tallied, ...], column: Column) -> str:
    return "; ".join(
        f"{say(column.words, each.status)} ({say('evidence', each.evidence)}): "
        f"{_number(each.number, column)}"
        for each in value
    )


_PRINTED: Mapping[Form, Callable[[Any, Column], str]] = {
    Form.TEXT: lambda value, _: str(value),
    Form.NUMBER: _number,
    Form.MONEY: _number,
    Form.MOMENT: _moment,
    Form.LENGTH: _length,
    Form.CODE: _code,
    Form.TALLY: _tally,
}
