"""Times of day and their ranges: `8h`, `8h30`, `8g30`, `08:30`, `17h00`, `8h-11h`."""

import re

from dispatcher.speech.reading.context import before, ends_with_word
from dispatcher.speech.reading.numbers import DASH, cardinal

_MINUTES = r"(?:\s?(?:phút|ph|['’′]))?"
_CLOCKS = (
    rf"\d{{1,3}}\s?[hH](?:\s?[0-5]\d{_MINUTES})?(?![\w²³])",
    rf"\d{{1,2}}\s?giờ\s[0-5]\d{_MINUTES}(?!\w)",
    rf"\d{{1,2}}g[0-5]\d{_MINUTES}(?!\w)",
    r"(?:[01]?\d|2[0-4]):[0-5]\d(?::[0-5]\d)?(?![\d:])",
)
_CLOCK = re.compile(rf"(?<![\w.,/:])(?:{'|'.join(_CLOCKS)})")
_RANGE = re.compile(rf"(?<![\w.,/:])((?:{'|'.join(_CLOCKS)})|\d{{1,2}}){DASH}({'|'.join(_CLOCKS)})")
_QUOTED_MINUTES = re.compile(r"(?<![\w.,°])(\d{1,3})\s?['’′](?!\w)")
_FIGURES = re.compile(r"\d+")
_NAMES = ("giờ", "phút", "giây")


def spoken_clock(written: str) -> str:
    """`8h30` is "tám giờ ba mươi phút"; zero minutes and seconds are not said."""
    figures = [int(figure) for figure in _FIGURES.findall(written)]
    said = [
        f"{cardinal(n)} {name}"
        for n, name in zip(figures, _NAMES, strict=False)
        if n or name == "giờ"
    ]
    return " ".join(said)


def _range(match: re.Match[str]) -> str:
    start = spoken_clock(match[1]) if not match[1].isdigit() else cardinal(int(match[1]))
    lead = "" if ends_with_word(before(match), ("từ",)) else "từ "
    return f"{lead}{start} đến {spoken_clock(match[2])}"


def read_times(text: str) -> str:
    """All times; runs after dates and before units, where `h` would be lost."""
    text = _RANGE.sub(_range, text)
    text = _CLOCK.sub(lambda m: spoken_clock(m[0]), text)
    return _QUOTED_MINUTES.sub(lambda m: f"{cardinal(int(m[1]))} phút", text)
