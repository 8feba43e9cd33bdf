"""Roman numerals, only where the word before them (or the start of a numbered line) says that they
are numbers.
"""

import re

from dispatcher.speech.reading.numbers import cardinal, ordinal

_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
# The canonical form, so that "CM" or "LX" in an abbreviation like "DCMI" is not taken for a number.
_ROMAN = r"(?=[IVXLC])(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})"
_BEFORE = (
    "khóa", "khoá", "kỳ", "quý", "thế kỷ", "chương", "đại hội", "đại hội đảng", "loại", "mục",
    "phần", "nhiệm kỳ", "lần thứ", "thứ", "cấp", "hạng", "vùng", "khu vực", "phụ lục", "lần",
    "đợt", "học kỳ", "tập", "báo động", "báo động cấp", "bậc", "giai đoạn", "nhóm", "độ",
)  # fmt: skip
_IN_CONTEXT = re.compile(
    rf"(?i:\b({'|'.join(sorted(_BEFORE, key=len, reverse=True))})\s+)({_ROMAN})(?!\w)"
    rf"((?:(?:\s*[-–,]\s*|\s+và\s+){_ROMAN}(?!\w))*)(?:/((?:19|20)\d\d)(?!\d))?"
)
_EACH = re.compile(rf"{_ROMAN}(?!\w)")
_NUMBERED_LINE = re.compile(rf"(?m)^(\s*)({_ROMAN})[.)/]\s+(?=\w)")
_DASH = re.compile(r"\s*[-–]\s*")


def value(numeral: str) -> int:
    """The number a Roman numeral stands for."""
    figures = [_VALUES[letter] for letter in numeral]
    return sum(-a if a < b else a for a, b in zip(figures, [*figures[1:], 0], strict=True))


def _in_context(match: re.Match[str]) -> str:
    word, first, more, year = match.groups()
    say = ordinal if word.lower() in ("quý", "thứ", "lần thứ") else cardinal
    rest = _DASH.sub(" đến ", _EACH.sub(lambda m: say(value(m[0])), more))
    words = f"{word} {say(value(first))}{rest}"
    return f"{words} năm {cardinal(int(year))}" if year else words


def _numbered_line(match: re.Match[str]) -> str:
    """`X.` opens a tenth item only in a list that has a ninth; otherwise it is a commune (xã)."""
    if match[2] == "X" and "\nIX" not in match.string:
        return match[0]
    return f"{match[1]}{cardinal(value(match[2]))}, "


def read_romans(text: str) -> str:
    """`khóa XV`, `quý IV/2026`, `báo động II`, and lines numbered `III. …`."""
    text = _IN_CONTEXT.sub(_in_context, text)
    return _NUMBERED_LINE.sub(_numbered_line, text)
