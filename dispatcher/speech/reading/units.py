"""Units, money, percent, comparison signs, kilometre posts and coordinates."""

import re

from dispatcher.speech.reading.numbers import DASH, NUMBER, number_or_range, quantity

UNITS = {
    "mm": "mi-li-mét", "cm": "xăng-ti-mét", "dm": "đề-xi-mét", "m": "mét", "km": "ki-lô-mét",
    "ha": "héc-ta", "mm2": "mi-li-mét vuông", "cm2": "xăng-ti-mét vuông", "m2": "mét vuông",
    "km2": "ki-lô-mét vuông", "cm3": "xăng-ti-mét khối", "m3": "mét khối", "km3": "ki-lô-mét khối",
    "l": "lít", "ml": "mi-li-lít", "mg": "mi-li-gam", "g": "gam", "gr": "gam", "kg": "ki-lô-gam",
    "µg": "mi-crô-gam", "s": "giây", "ms": "mi-li giây", "V": "vôn", "kV": "ki-lô-vôn", "W": "oát",
    "kW": "ki-lô-oát", "MW": "mê-ga-oát", "kWh": "ki-lô-oát giờ", "kVA": "ki-lô-vôn-ăm-pe",
    "mAh": "mi-li-ăm-pe giờ", "Hz": "héc", "kHz": "ki-lô-héc", "MHz": "mê-ga-héc",
    "GHz": "ghi-ga-héc", "dB": "đề-xi-ben", "hPa": "héc-tô-pát-can", "mmHg": "mi-li-mét thủy ngân",
    "KB": "ki-lô-bai", "MB": "mê-ga-bai", "GB": "ghi-ga-bai", "TB": "tê-ra-bai",
    "Mbps": "mê-ga-bít trên giây", "°C": "độ xê", "°F": "độ ép", "°": "độ", "%": "phần trăm",
    "‰": "phần nghìn", "đ": "đồng", "Đ": "đồng", "đồng": "đồng", "VNĐ": "đồng", "VND": "đồng",
    "vnđ": "đồng", "₫": "đồng", "k": "nghìn đồng", "tr": "triệu", "tr.đ": "triệu đồng",
    "trđ": "triệu đồng", "USD": "đô la Mỹ", "EUR": "ơ-rô", "€": "ơ-rô",
}  # fmt: skip
DENOMINATORS = {
    "h": "giờ", "s": "giây", "phút": "phút", "m2": "mét vuông", "m3": "mét khối",
    "km2": "ki-lô-mét vuông", "l": "lít", "ha": "héc-ta", "kg": "ki-lô-gam",
}  # fmt: skip
# A sign before a number, in words a listener understands.
SIGNS = {
    ">=": "không dưới", "≥": "không dưới", "<=": "không quá", "≤": "không quá", ">": "trên",
    "<": "dưới", "±": "cộng trừ", "~": "khoảng", "≈": "khoảng",
}  # fmt: skip
HEMISPHERES = {
    "N": "vĩ bắc",
    "S": "vĩ nam",
    "E": "kinh đông",
    "W": "kinh tây",
    "B": "vĩ bắc",
    "Đ": "kinh đông",
}
_EXPONENTS = str.maketrans({"²": "2", "³": "3", "º": "°", "˚": "°", "℃": "°C", "μ": "µ"})

_UNIT = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
_PER = "|".join(sorted(map(re.escape, DENOMINATORS), key=len, reverse=True))
_END = r"(?![\w°])"
_MEASURE = re.compile(
    rf"(?<![\w.,])({NUMBER})(?:\s?(?:{_UNIT}))?(?:{DASH}({NUMBER}))\s?({_UNIT})(?:/({_PER}))?{_END}"
    rf"|(?<![\w.,])({NUMBER})\s?({_UNIT})(?:/({_PER}))?{_END}"
)
_COMPOUND_UNIT = re.compile(r"(?<!\w)(mm|cm|m3|m2|km2|km|kg|mg)(?:/(h|s|l|ha|m2|m3|km2))?(?!\w)")
_SIGN = re.compile(rf"\s*({'|'.join(map(re.escape, SIGNS))})\s*(?=\d)")
_MINUS = re.compile(r"(?:(?<=[\s(])|^)-(?=\d+(,\d+)?(\s?°)?)")
_WORD_BEFORE = re.compile(r"\S*\s*$")
_SUM = re.compile(r"(?<=[\d°C%])\s*([+×x=])\s*(?=\d)")
_SUM_WORDS = {"+": " cộng ", "×": " nhân ", "x": " nhân ", "=": " bằng "}
_DOLLARS = re.compile(rf"\$\s?({NUMBER})")
_POST = re.compile(
    r"(?<![\w/])(?:(Km|KM|km(?![23]\b))\s?(\d+)(?:\s?\+\s?(\d+)(?:m(?!\w))?)?|(K)(\d+)\s?\+\s?(\d+)(?:m(?!\w))?)(?!\w|[.,]\d)"
)
_POST_RANGE = re.compile(rf"(?<=\d){DASH}(?=[Kk][Mm]?\s?\d)")
_PER_UNIT = re.compile(rf"(?<=[^\W\d_])\s?/\s?({_PER})(?!\w)")
_COORDINATE_PAIR = re.compile(rf"(?<=\d)([NSEW]){DASH}(?=\d)")
_DEGREES = re.compile(
    rf"(?<![\w.,])({NUMBER})(?:{DASH}({NUMBER}))?\s?(?:(?:°|độ)\s?([NSEW])|\s?([NE]))(?!\w)"
)
_SEXAGESIMAL = re.compile(
    r"(?<![\w.,])(\d{1,3})°\s?(\d{1,2})['’′]\s?(?:(\d{1,2})(?:[\"”″]|''))?\s?([NSEWBĐ])(?!\w)"
)


def _measure(match: re.Match[str]) -> str:
    low, high, unit, per = match.group(1, 2, 3, 4)
    if low is None:
        low, unit, per = match.group(5, 6, 7)
    return f"{number_or_range(low, high)} {_unit(unit, per)}"


def _unit(unit: str, per: str | None) -> str:
    return UNITS[unit] if per is None else f"{UNITS[unit]} trên {DENOMINATORS[per]}"


def _post(match: re.Match[str]) -> str:
    kilometre, metres = match[2] or match[5], match[3] or match[6]
    words = f"ki-lô-mét {quantity(kilometre)}"
    return words if metres is None else f"{words} cộng {quantity(metres.lstrip('0') or '0')}"


def _sexagesimal(match: re.Match[str]) -> str:
    degrees, minutes, seconds, side = match.groups()
    words = f"{quantity(degrees)} độ {quantity(minutes)} phút"
    return (
        f"{words} {quantity(seconds)} giây {HEMISPHERES[side]}"
        if seconds
        else f"{words} {HEMISPHERES[side]}"
    )


def _degrees(match: re.Match[str]) -> str:
    """`18,5N` needs its decimals and a side on which Vietnam lies; another needs its sign."""
    if match[3] is None and "," not in match[1]:
        return match[0]
    return f"{number_or_range(match[1], match[2])} độ {HEMISPHERES[match[3] or match[4]]}"


def _minus(match: re.Match[str]) -> str:
    """A minus sign; after a number or unit it is a range dash, at the start of a line a bullet
    unless degrees follow.
    """
    line = match.string[max(0, match.start() - 24) : match.start()].rpartition("\n")[2]
    word = _WORD_BEFORE.search(line)
    ranged = (
        word is not None
        and any(c.isdigit() for c in word[0])
        and not word[0].rstrip().endswith((",", ";"))
    )
    bullet = not line.strip() and match[2] is None
    return match[0] if ranged or bullet else "âm "


def read_signs(text: str) -> str:
    """Comparison, minus and arithmetic signs next to numbers."""
    text = (
        text.translate(_EXPONENTS).replace("°C C", "°C").replace("° C", "°C").replace("°CC", "°C")
    )
    text = _SIGN.sub(lambda m: f" {SIGNS[m[1]]} ", text)
    return _MINUS.sub(_minus, text)


def read_places(text: str) -> str:
    """Kilometre posts of roads and dykes, and coordinates."""
    text = _POST_RANGE.sub(" đến ", text)
    text = _COORDINATE_PAIR.sub(r"\1, ", text)
    text = _POST.sub(_post, text)
    text = _SEXAGESIMAL.sub(_sexagesimal, text)
    return _DEGREES.sub(_degrees, text)


def read_units(text: str) -> str:
    """Numbers and ranges with their unit, then units that stand alone."""
    text = _DOLLARS.sub(lambda m: f"{quantity(m[1])} đô la Mỹ", text)
    text = _SUM.sub(lambda m: _SUM_WORDS[m[1]], text)
    text = _MEASURE.sub(_measure, text)
    text = _PER_UNIT.sub(lambda m: f" mỗi {DENOMINATORS[m[1]]}", text)
    return _COMPOUND_UNIT.sub(lambda m: _unit(m[1], m[2]), text)
