"""Numbers in words: northern standard, house style 24 "hai mươi tư", 101 "một trăm linh một",
"nghìn".

Vietnamese writes `.` between thousands and `,` before decimals (Thông tư 01/2011/TT-BNV practice):
`1.234,5` is one thousand two hundred thirty-four and a half.
"""

import re

DIGITS = ("không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín")
# A unit digit changes its word after a tens word: 15 "mười lăm", 21 "hai mươi mốt", 24 "hai mươi
# tư".
AFTER_TEN = (*DIGITS[:5], "lăm", *DIGITS[6:])
AFTER_TENS = ("", "mốt", "hai", "ba", "tư", "lăm", *DIGITS[6:])
SCALES = ("", " nghìn", " triệu")

NUMBER = r"(?:\d{1,3}(?:\.\d{3})+(?!\d)(?:,\d+)?|\d{1,3}(?:,\d{3}){2,}(?![\d,])|\d+(?:,\d+)?)"
DASH = r"\s*[-–—]\s*"

# Words after which `1,2` is a list of two items and not a decimal: "thôn 1,2".
_LISTED = (
    "thôn", "tổ", "xóm", "phố", "bản", "ấp", "điều", "khoản", "mục", "ngày", "tháng", "lớp",
    "khối", "số", "phường", "đợt",
)  # fmt: skip
# Words after which digits are an identifier, spoken one by one.
_IDENTIFIER = (
    "mã", "mã số", "tài khoản", "tk", "stk", "hồ sơ", "cccd", "căn cước", "căn cước công dân",
    "định danh", "xác nhận",
)  # fmt: skip
_SPELLED_FROM = 9  # a longer unbroken run of digits is an identifier, not a quantity
_WRITTEN_CARDINALLY = (
    3  # decimals up to this many digits are one number: 3,25 "ba phẩy hai mươi lăm"
)


def cardinal(number: int) -> str:
    """The words for a non-negative integer of any size; `ValueError` when negative."""
    if number < 0:
        raise ValueError(f"no words for the negative number {number}")
    billions, rest = divmod(number, 10**9)
    if not billions:
        return _below_billion(rest)
    words = cardinal(billions) + " tỷ"
    return words if not rest else f"{words} {_following(rest)}"


def _below_billion(number: int) -> str:
    if number < 1000:
        return _leading_group(number)
    power = 2 if number >= 10**6 else 1
    first, rest = divmod(number, 1000**power)
    words = _leading_group(first) + SCALES[power]
    return f"{words} {_following(rest)}" if rest else words


def _following(number: int) -> str:
    """Groups after a spoken one, each with its hundreds: 1.005 "một nghìn không trăm linh năm"."""
    groups = [(number // 1000**power % 1000, SCALES[power]) for power in (2, 1, 0)]
    return " ".join(_full_group(group) + scale for group, scale in groups if group)


def _leading_group(number: int) -> str:
    return _below_hundred(number) if number < 100 else _full_group(number)


def _full_group(number: int) -> str:
    hundreds, rest = divmod(number, 100)
    words = f"{DIGITS[hundreds]} trăm"
    if not rest:
        return words
    return f"{words} linh {DIGITS[rest]}" if rest < 10 else f"{words} {_below_hundred(rest)}"


def _below_hundred(number: int) -> str:
    tens, unit = divmod(number, 10)
    if tens == 0:
        return DIGITS[unit]
    if tens == 1:
        return "mười" if not unit else f"mười {AFTER_TEN[unit]}"
    return f"{DIGITS[tens]} mươi {AFTER_TENS[unit]}".rstrip()


def ordinal(number: int) -> str:
    """Number after "tháng", "thứ" and "quý", where four is "tư"."""
    return "tư" if number == 4 else cardinal(number)


def spell_digits(written: str) -> str:
    """Each digit by its name: `0912` is "không chín một hai"."""
    return " ".join(DIGITS[int(digit)] for digit in written)


def spell_in_groups(written: str, sizes: tuple[int, ...] = (3,)) -> str:
    """Digits one by one with a pause (comma) after each group; the last size repeats."""
    groups: list[str] = []
    start = 0
    while start < len(written):
        size = sizes[min(len(groups), len(sizes) - 1)]
        groups.append(spell_digits(written[start : start + size]))
        start += size
    return ", ".join(groups)


def quantity(written: str) -> str:
    """The words for a number in Vietnamese notation: `1.234,5`, `0,05`, `05`, `2026`."""
    if written.count(",") > 1:
        return cardinal(int(written.replace(",", "")))
    whole, _, fraction = written.replace(".", "").partition(",")
    words = cardinal(int(whole)) if "." in written else _whole(whole)
    return f"{words} phẩy {_fraction(fraction)}" if fraction else words


def _whole(digits: str) -> str:
    padded = digits.startswith("0") and len(digits) > 2
    return (
        spell_in_groups(digits)
        if padded or len(digits) >= _SPELLED_FROM + 1
        else cardinal(int(digits))
    )


def _fraction(digits: str) -> str:
    spelled = digits.startswith("0") or len(digits) > _WRITTEN_CARDINALLY
    return spell_digits(digits) if spelled else cardinal(int(digits))


def number_or_range(low: str, high: str | None) -> str:
    """One quantity, or "A đến B" when `high` is given."""
    return quantity(low) if high is None else f"{quantity(low)} đến {quantity(high)}"


_IDENTIFIERS = re.compile(
    rf"(?i)\b({'|'.join(_IDENTIFIER)})(\s+số|\s+là)?(:?\s+)(\d[\d.]*\d{{3,}})(?!\d)"
)
_SHORT_LIST = re.compile(
    rf"(?i)(\b(?:{'|'.join(_LISTED)})\s+)(\d{{1,2}}),(\d{{1,2}})(?![\d,%]|\.\d)"
)
_LONG_LIST = re.compile(r"(?<![\d.,])\d{1,2}(?:,\d{1,2}){2,}(?![\d,])")
_SCORE = re.compile(r"(?i)(tỷ số\s+)(\d+)\s*[-–]\s*(\d+)")
_RATIO = re.compile(r"(?<![\d:])(\d+):(\d+)(?![\d:])")
_DOTTED = re.compile(r"(?<![\d.,])\d+(?:\.\d+)+(?!,?\d)")
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3})+")
_RANGE = re.compile(rf"(?<![\d.,])({NUMBER}){DASH}({NUMBER})(?![\d])")
_PLAIN = re.compile(NUMBER)


def _dotted(match: re.Match[str]) -> str:
    written = match[0]
    if _THOUSANDS.fullmatch(written):
        return quantity(written)
    return " chấm ".join(_whole(part) for part in written.split("."))


def _spaced(words: str, match: re.Match[str]) -> str:
    before = match.string[match.start() - 1 : match.start()]
    after = match.string[match.end() : match.end() + 1]
    return (" " if before.isalpha() else "") + words + (" " if after.isalpha() else "")


def _range(low: str, high: str) -> str:
    """A range rises; what falls (`2-1`) is a score or a code, read with a pause."""
    rising = _size(low) < _size(high)
    return number_or_range(low, high) if rising else f"{quantity(low)}, {quantity(high)}"


def _size(written: str) -> float:
    return float(written.replace(".", "").replace(",", ".", 1).replace(",", ""))


def read_lists(text: str) -> str:
    """Identifiers, scores and comma lists, which must not be taken for decimals."""
    text = _IDENTIFIERS.sub(
        lambda m: f"{m[1]}{m[2] or ''}{m[3]}{spell_in_groups(m[4].replace('.', ''))}", text
    )
    text = _SHORT_LIST.sub(lambda m: f"{m[1]}{quantity(m[2])}, {quantity(m[3])}", text)
    text = _SCORE.sub(lambda m: f"{m[1]}{quantity(m[2])} {quantity(m[3])}", text)
    return _LONG_LIST.sub(lambda m: ", ".join(map(quantity, m[0].split(","))), text)


def read_numbers(text: str) -> str:
    """Every number that no earlier rule has taken."""
    text = _RANGE.sub(lambda m: _spaced(_range(m[1], m[2]), m), text)
    text = _RATIO.sub(lambda m: f"{quantity(m[1])} trên {quantity(m[2])}", text)
    text = _DOTTED.sub(lambda m: _spaced(_dotted(m), m), text)
    return _PLAIN.sub(lambda m: _spaced(quantity(m[0]), m), text)
