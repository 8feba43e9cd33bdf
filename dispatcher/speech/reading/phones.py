"""Telephone numbers: digit by digit, with pauses between groups.

Plan: Thông tư 22/2014/TT-BTTTT (mobile 10 digits, landline 11, 1800/1900 services, three- to
five-digit short numbers).
`+84` is spoken as the leading zero that a listener must dial.
"""

import re

from dispatcher.speech.reading.numbers import DIGITS, spell_digits, spell_in_groups

_SEPARATOR = r"[ .\-]"
_AREA = rf"(?:\+84{_SEPARATOR}?(?:\(0\))?\d{{1,4}}|\(0\d{{1,3}}\)|0\d{{1,4}})"
_LONG = re.compile(rf"(?<![\w.,/+]){_AREA}(?:{_SEPARATOR}?\d{{1,5}}){{1,5}}(?![\w/]|[.,]\d)")
_SERVICE = re.compile(
    rf"(?<![\w.,/])(1[89]00)({_SEPARATOR}?)(\d{{2,4}})(?:{_SEPARATOR}?(\d{{2,4}}))?(?![\w/]|[.,]\d)"
)
_CALL = (
    r"(?:gọi(?:\s+(?:ngay|tới|đến|điện|cho))*|tổng\s+đài|đường\s+dây\s+nóng|hotline|điện\s+thoại|đầu\s+số|số\s+máy|liên\s+hệ|LH|SĐT"
    r"|cấp\s+cứu|cứu\s+hỏa|cứu\s+hoả|cảnh\s+sát|cứu\s+nạn|nhắn\s+tin)"
)
_SHORT = re.compile(
    rf"(?i)\b({_CALL}(?:\s+(?:qua|theo|tới|đến))?(?:\s+số)?(?:\s+điện\s+thoại)?\s*:?\s*)(\d{{3,5}}(?:(?:\s*[,/]\s*|\s+hoặc\s+|\s+và\s+)\d{{3,5}})*)"
    r"(?![\d/]|[.,]\d|\s*(?:người|cuộc|hộ|lượt|ca)\b)"
)
_SHORT_NUMBER = re.compile(r"\d+")
_CALLED_TOO = re.compile(
    rf"((?:\b(?:{'|'.join(DIGITS)})[ ,]+){{8,11}}(?:hoặc|và)\s+(?:gọi\s+)?(?:số\s+)?)"
    r"(\d{3,5})(?![\d/]|[.,]\d)"
)
_MOBILE = (4, 3, 3)
_LANDLINE = (4, 3, 4)
_LANDLINE_OF_CITY = (3, 4, 4)  # Hà Nội 024 and Thành phố Hồ Chí Minh 028
_LENGTHS = (10, 11)


def _long(match: re.Match[str]) -> str:
    written = re.sub(r"^\+84[ .\-]?(?:\(0\))?", "0", match[0])
    groups = re.findall(r"\d+", written)
    digits = "".join(groups)
    if len(digits) not in _LENGTHS:
        return match[0]
    if len(groups) > 1 and max(map(len, groups)) < 5 and match[0][0] != "+":
        return ", ".join(map(spell_digits, groups))
    return spell_in_groups(digits, _groups(digits))


def _groups(digits: str) -> tuple[int, ...]:
    if len(digits) == 10:
        return _MOBILE
    return _LANDLINE_OF_CITY if digits.startswith(("024", "028")) else _LANDLINE


def _service(match: re.Match[str]) -> str:
    if not match[2] and len(match[3] + (match[4] or "")) < 4:
        return match[0]
    return ", ".join(spell_digits(group) for group in match.group(1, 3, 4) if group)


def _short(match: re.Match[str]) -> str:
    numbers = _SHORT_NUMBER.sub(lambda m: spell_digits(m[0]), match[2])
    return match[1] + numbers.replace("/", ", ")


def read_phones(text: str) -> str:
    """Subscriber, service and emergency numbers; short ones only after a word that says "call"."""
    text = _LONG.sub(_long, text)
    text = _SERVICE.sub(_service, text)
    text = _CALLED_TOO.sub(_short, text)
    return _SHORT.sub(_short, text)
