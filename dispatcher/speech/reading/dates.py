"""Dates, months, weekdays, quarters and their ranges.

Written day first (Nghị định 30/2020/NĐ-CP): `24/11/2022`. The word "ngày" is said once, whether or
not it was written.
A bare `a/b` is a date unless what surrounds it says fraction, share, house number or reading.
"""

import re

from dispatcher.speech.reading.context import before, ends_with_word, next_word
from dispatcher.speech.reading.numbers import DASH, cardinal, ordinal, quantity

_DAY = r"\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d{1,2}-\d{1,2}-\d{4}|\d{1,2}/\d{1,2}"
_RANGE = re.compile(
    rf"(?<![\d/.,])({_DAY}|\d{{1,2}}){DASH}(?:ngày\s+)?(\d{{1,2}}[/.]\d{{1,2}}[/.]\d{{4}}|\d{{1,2}}/\d{{1,2}})(?![\d/])"
)
_ISO = re.compile(r"(?<![\d/.-])((?:19|20)\d\d)-(\d{2})-(\d{2})(?![\d/-])")
_FULL = re.compile(r"(?<![\d/.,-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?![\d/])")
_MONTH_YEAR = re.compile(r"(?<![\d/.,-])(\d{1,2})[/-]((?:19|20)\d\d)(?![\d/-])")
_SHORT = re.compile(r"(?<![\d/.,])(\d{1,4})/(\d{1,4})(?![\d/])(?!/?\d)")
_AFTER_DAY_WORD = re.compile(r"(?<![\d/.,-])(\d{1,2})([.-])(\d{1,2})(?![\d/\w%°-]|[.,]\d)")
_NAMED = re.compile(
    r"(?i)\b(tháng|thứ|quý|tuần thứ)\s+(\d{1,2})(?![\d/.,]\d|\d)"
    r"((?:(?:,| và| đến|\s*[-–])\s*(?:tháng |thứ |quý )?\d{1,2}(?![\d/]))*)"
)
_LUNAR = re.compile(
    r"(?i)(?<![\d/])(\d{1,2})/(\d{1,2})(?=(?:\s+năm\s+\w+\s+\w+)?\s*\(?\s*(?:âm lịch|ÂL)\b)"
)
_FIRST_TEN = re.compile(r"(?i)\b(mùng|mồng)\s+(\d{1,2})/(\d{1,2})(?![\d/])")
_WEEKDAY_AFTER = re.compile(r"(?:thứ )?(hai|ba|tư|năm|sáu|bảy)")
_NUMERAL = re.compile(r"\d{1,2}")

LUNAR_MONTHS = {1: "giêng", 12: "chạp"}
_FRACTIONS = {(1, 2), (1, 3), (2, 3), (1, 4), (3, 4)}
_CALLS_FOR_DATE = (
    "ngày", "sáng", "trưa", "chiều", "tối", "đêm", "khuya", "hôm", "hôm nay", "hôm qua",
    "ngày mai", "từ", "đến", "trước", "sau", "hết", "dịp", "lễ", "giờ", "phút", "kỷ niệm", "mùng",
    "mồng", "rạng sáng", "thứ hai", "thứ ba", "thứ tư", "thứ năm", "thứ sáu", "thứ bảy",
    "chủ nhật",
)  # fmt: skip
_CALLS_FOR_OVER = (
    "số nhà", "số", "ngõ", "hẻm", "ngách", "kiệt", "địa chỉ", "huyết áp", "lớp", "tỷ lệ", "chiếm",
    "có", "đạt", "tổ", "thửa",
)  # fmt: skip
_COUNTED = frozenset(
    [
        "xã",
        "phường",
        "thôn",
        "bản",
        "ấp",
        "hộ",
        "người",
        "ca",
        "đại",
        "đơn",
        "trường",
        "điểm",
        "tỉnh",
        "huyện",
        "số",
        "diện",
        "học",
        "phiếu",
        "thành",
        "hồ",
        "tổ",
        "khu",
        "cơ",
        "công",
        "mục",
        "tiêu",
        "chỉ",
        "cán",
        "đảng",
    ]
)
_DOCUMENTS = (
    "nghị định", "thông tư", "quyết định", "luật", "nghị quyết", "chỉ thị", "số", "kế hoạch",
    "công văn", "pháp lệnh",
)  # fmt: skip


def _is_date(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def spoken_date(day: int, month: int, year: int | None = None) -> str:
    """ "hai mươi tư tháng mười một năm …", without the leading "ngày"."""
    words = f"{cardinal(day)} tháng {ordinal(month)}"
    return words if year is None else f"{words} năm {cardinal(year)}"


def _with_day_word(match: re.Match[str], words: str) -> str:
    said = ends_with_word(before(match), ("ngày", "mùng", "mồng"))
    return words if said else f"ngày {words}"


def _full(match: re.Match[str]) -> str:
    day, month, year = int(match[1]), int(match[3]), int(match[4])
    return (
        _with_day_word(match, spoken_date(day, month, year)) if _is_date(day, month) else match[0]
    )


def _iso(match: re.Match[str]) -> str:
    year, month, day = (int(part) for part in match.groups())
    return (
        _with_day_word(match, spoken_date(day, month, year)) if _is_date(day, month) else match[0]
    )


def _range(match: re.Match[str]) -> str:
    first, last = (_parts(side) for side in match.groups())
    if not (_is_date(first[0], first[1] if len(first) > 1 else 1) and _is_date(*last[:2])):
        return match[0]
    start = spoken_date(*first) if len(first) > 1 else cardinal(first[0])
    context = before(match)
    lead = (
        ""
        if ends_with_word(context, ("ngày",))
        else "ngày "
        if ends_with_word(context, ("từ",))
        else "từ ngày "
    )
    return f"{lead}{start} đến ngày {spoken_date(*last)}"


def _parts(written: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.split(r"[/.-]", written))


def _month_year(match: re.Match[str]) -> str:
    context = before(match)
    number, year = int(match[1]), cardinal(int(match[2]))
    if ends_with_word(context, ("tháng", "quý")):
        return f"{ordinal(number)} năm {year}"
    if ends_with_word(context, _DOCUMENTS) or not 1 <= number <= 12:
        return f"{quantity(match[1])} năm {year}"
    return f"tháng {ordinal(number)} năm {year}"


def _short(match: re.Match[str]) -> str:
    first, second = int(match[1]), int(match[2])
    context = before(match)
    if ends_with_word(context, _CALLS_FOR_DATE) and _is_date(first, second):
        return _with_day_word(match, spoken_date(first, second))
    if (first, second) == (24, 7):
        return "hai mươi tư trên bảy"
    if (first, second) in _FRACTIONS:
        return f"{cardinal(first)} phần {cardinal(second)}"
    share = next_word(match) in _COUNTED or ends_with_word(context, _CALLS_FOR_OVER)
    if share or not _is_date(first, second):
        return f"{quantity(match[1])} trên {quantity(match[2])}"
    return _with_day_word(match, spoken_date(first, second))


def _after_day_word(match: re.Match[str]) -> str:
    """`ngày 20-11`, `ngày 1.5`; `ngày 5-7` stays a range of days, because five is before seven."""
    day, month = int(match[1]), int(match[3])
    ranged = match[2] == "-" and day <= month
    dated = ends_with_word(before(match), ("ngày",)) and _is_date(day, month) and not ranged
    return _with_day_word(match, spoken_date(day, month)) if dated else match[0]


def _lunar(match: re.Match[str]) -> str:
    day, month = int(match[1]), int(match[2])
    return _with_day_word(
        match, f"{cardinal(day)} tháng {LUNAR_MONTHS.get(month) or ordinal(month)}"
    )


def _named(match: re.Match[str]) -> str:
    counted = re.search(r"\d\s*$", before(match)) and next_word(match) in ("ngày", "tuần")
    first = cardinal(int(match[2])) if counted else ordinal(int(match[2]))
    rest = _NUMERAL.sub(lambda m: ordinal(int(m[0])), match[3])
    if match[1].lower() == "thứ":
        rest = _WEEKDAY_AFTER.sub(r"thứ \1", rest)
    return f"{match[1]} {first}{re.sub(DASH, ' đến ', rest)}"


def read_dates(text: str) -> str:
    """All dates; runs before times, ranges and plain numbers."""
    text = _LUNAR.sub(_lunar, text)
    text = _FIRST_TEN.sub(
        lambda m: f"{m[1]} {cardinal(int(m[2]))} tháng {ordinal(int(m[3]))}", text
    )
    text = _ISO.sub(_iso, text)
    text = _RANGE.sub(_range, text)
    text = _FULL.sub(_full, text)
    text = _MONTH_YEAR.sub(_month_year, text)
    text = _NAMED.sub(_named, text)
    text = _AFTER_DAY_WORD.sub(_after_day_word, text)
    return _SHORT.sub(_short, text)
