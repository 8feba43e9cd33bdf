"""A provider's invoice, line by line, against what we know we sent (đối soát cước)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from dispatcher.domain.errors import BadInput
from dispatcher.domain.period import HANOI, Period

#: What is read from an invoice → the header it stands under unless told.
COLUMNS: Mapping[str, str] = {
    "reference": "reference",
    "parts": "parts",
    "unit_price": "unit_price",
    "amount": "amount",
    "time": "time",
}
REQUIRED = ("reference", "parts")

#: VND by which two amounts may differ: prices have decimals, floats do not have all of them.
TOLERANCE = 0.005

_NUMBER = re.compile(r"\d{1,12}(\.\d{1,6})?", re.ASCII)
_TIMES = ("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y")


@dataclass(frozen=True, slots=True)
class Billed:
    """A line of the invoice. ``line``: its number in the file; ``at``: epoch ms; None: not said.

    ``price``: VND a part; ``amount``: VND.
    """

    line: int
    reference: str
    parts: int
    price: float | None
    amount: float | None
    at: int | None

    @property
    def unit(self) -> float | None:
        """VND a part, as said or as the amount says."""
        if self.price is not None:
            return self.price
        return None if self.amount is None or not self.parts else self.amount / self.parts

    @property
    def total(self) -> float | None:
        """VND, as said or as the price says."""
        if self.amount is not None:
            return self.amount
        return None if self.price is None else self.price * self.parts


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that cannot be read, and why, in Vietnamese and English."""

    line: int
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A try that we know of. ``at``: epoch ms; ``price``: VND a part on that day."""

    dispatch: int
    delivery: int
    attempt: int
    parts: int
    price: float
    at: int
    budget: str

    @property
    def amount(self) -> float:
        return self.parts * self.price


def given_columns(text: str) -> Mapping[str, str]:
    """``reference=Sid,parts=Segments`` as what is read → its header. Raises BadInput."""
    pairs = [each.partition("=") for each in text.split(",") if each.strip()]
    if any(not (name.strip() and header.strip()) for name, _, header in pairs):
        raise BadInput(
            "bad_columns",
            "Ghi các cột dạng tên=tiêu đề, cách nhau bằng dấu phẩy.",
            "Write columns as name=header, separated by commas.",
            field="columns",
        )
    return {name.strip(): header.strip() for name, _, header in pairs}


def places(header: Sequence[str], given: Mapping[str, str]) -> Mapping[str, int]:
    """Which cell holds what, by the names in ``given`` or ``COLUMNS``. Raises BadInput."""
    strange = sorted(set(given) - set(COLUMNS))
    if strange:
        raise BadInput(
            "unknown_column",
            f"Không có cột '{strange[0]}'. Các cột: {', '.join(COLUMNS)}.",
            f"There is no column '{strange[0]}'. The columns: {', '.join(COLUMNS)}.",
            field="columns",
        )
    heads = {name.strip().casefold(): place for place, name in reversed(list(enumerate(header)))}
    wanted = {what: {**COLUMNS, **given}[what].strip().casefold() for what in COLUMNS}
    found = {what: heads[name] for what, name in wanted.items() if name in heads}
    missing = [what for what in (*REQUIRED, *given) if what not in found]
    if missing:
        raise BadInput(
            "missing_column",
            f"Hóa đơn không có cột '{wanted[missing[0]]}' ({missing[0]}). Dùng --columns để đặt.",
            f"The invoice has no column '{wanted[missing[0]]}' ({missing[0]}). See --columns.",
            field="columns",
        )
    return found


def read(line: int, cells: Sequence[str], where: Mapping[str, int]) -> Billed | Unreadable:
    """A line of the invoice as data, whatever is in it."""
    if len(cells) <= max(where.values()):
        return Unreadable(line, f"chỉ có {len(cells)} ô", f"only {len(cells)} cells")
    said = {what: cells[place].strip() for what, place in where.items()}
    if not said["reference"]:
        return Unreadable(line, "thiếu mã tin", "no reference")
    if not (said["parts"].isascii() and said["parts"].isdigit() and len(said["parts"]) < 10):
        return _not(line, "số phần tin", "a number of parts", said["parts"])
    for what in ("unit_price", "amount"):
        if said.get(what) and not _NUMBER.fullmatch(said[what]):
            return _not(line, "số tiền (dùng dấu chấm thập phân)", "an amount", said[what])
    at = moment(said["time"]) if said.get("time") else None
    if said.get("time") and at is None:
        return _not(line, "thời điểm", "a moment", said["time"])
    price, amount = (_money(said.get(what)) for what in ("unit_price", "amount"))
    return Billed(line, said["reference"], int(said["parts"]), price, amount, at)


def _not(line: int, vi: str, en: str, cell: str) -> Unreadable:
    shown = cell[:40]
    return Unreadable(line, f"'{shown}' không phải {vi}", f"'{shown}' is not {en}")


def _money(text: str | None) -> float | None:
    return float(Decimal(text)) if text else None


def moment(text: str) -> int | None:
    """Epoch ms of RFC 3339, or of a Vietnamese date and hour; without a zone it is Hà Nội's."""
    tried = (_iso(text), *(_parsed(text, form) for form in _TIMES))
    found = next((each for each in tried if each is not None), None)
    if found is None or not 1970 <= found.year <= 9000:
        return None
    zoned = found if found.tzinfo else found.replace(tzinfo=HANOI)
    return int(zoned.timestamp() * 1000)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _parsed(text: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(text, form).replace(tzinfo=HANOI)
    except ValueError:
        return None


def differences(
    billed: Billed, sent: Sent | None, month: Period, *, repeated: bool
) -> Iterator[str]:
    """The codes of all that is wrong with a line; ``repeated``: an earlier line billed it."""
    if repeated:
        yield "duplicate"
    if billed.at is not None and billed.at not in month:
        yield "wrong_month"
    if not _adds_up(billed):
        yield "amount"
    if sent is None:
        yield "not_ours"
        return
    if billed.parts != sent.parts:
        yield "parts"
    if billed.unit is not None and _differ(billed.unit, sent.price):
        yield "price"


def _adds_up(billed: Billed) -> bool:
    if billed.price is None or billed.amount is None:
        return True
    return not _differ(billed.price * billed.parts, billed.amount)


def _differ(one: float, other: float) -> bool:
    return abs(one - other) > TOLERANCE
