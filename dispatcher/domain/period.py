"""Stretches of time as people name them: days and months of Hà Nội, as epoch milliseconds."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from dispatcher.domain.errors import BadInput

#: Vietnam has one time zone and no summer time.
HANOI = timezone(timedelta(hours=7), "+07:00")

_MONTH = re.compile(r"(\d{4})-(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Period:
    """From ``since`` on, before ``until``: epoch ms."""

    since: int
    until: int

    def __contains__(self, at: int) -> bool:
        return self.since <= at < self.until


#: Before and after everything.
ALWAYS = Period(0, 2**53)


def of_days(first: str, last: str) -> Period:
    """From the first day to the end of the last, each ``YYYY-MM-DD``. Raises BadInput."""
    start, end = _day(first, "from"), _day(last, "to")
    if end < start:
        raise BadInput(
            "period_reversed",
            f"Ngày cuối {last} trước ngày đầu {first}.",
            f"The last day {last} is before the first {first}.",
            field="to",
        )
    return Period(_midnight(start), _midnight(end + timedelta(days=1)))


def of_month(month: str) -> Period:
    """A whole month, ``YYYY-MM``. Raises BadInput."""
    found = _MONTH.fullmatch(month)
    if found is None or not 1 <= int(found[2]) <= 12 or not 1970 <= int(found[1]) <= 9000:
        raise BadInput(
            "bad_month",
            f"Tháng phải có dạng YYYY-MM, ví dụ 2026-11; không phải '{month}'.",
            f"A month is written YYYY-MM, such as 2026-11; not '{month}'.",
            field="month",
        )
    year, number = int(found[1]), int(found[2])
    after = date(year + number // 12, number % 12 + 1, 1)
    return Period(_midnight(date(year, number, 1)), _midnight(after))


def local(at: int) -> datetime:
    """Epoch ms as the clock in Hà Nội shows it."""
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(HANOI)


def _day(text: str, field: str) -> date:
    try:
        found = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=HANOI).date()
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year <= 9000:
        raise BadInput(
            "bad_day",
            f"Ngày phải có dạng YYYY-MM-DD, ví dụ 2026-11-19; không phải '{text}'.",
            f"A day is written YYYY-MM-DD, such as 2026-11-19; not '{text}'.",
            field=field,
        )
    return found


def _midnight(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=HANOI).timestamp()) * 1000
