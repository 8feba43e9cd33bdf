"""Abbreviations of Vietnamese administration and the foreign names its texts use.

An ambiguous one (`TT`, `CN`, `BC`, `HD` …) is left for `lint` to report: an agency settles it with
its overrides.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from dispatcher.speech.reading.context import UPPER, before, ends_with_word

TABLE = Path(__file__).with_name("abbreviations.tsv")

# Before a name or number only: `P.1`, `X. Cẩm Thạch`, `TT. Cẩm Xuyên`, `QL1A`.
AREAS = {
    "TP": "thành phố",
    "Tp": "thành phố",
    "tp": "thành phố",
    "TX": "thị xã",
    "Tx": "thị xã",
    "TT": "thị trấn",
    "P": "phường",
    "X": "xã",
    "Q": "quận",
    "H": "huyện",
    "T": "tỉnh",
    "KP": "khu phố",
    "TDP": "tổ dân phố",
}
TITLES = {
    "GS": "giáo sư",
    "PGS": "phó giáo sư",
    "TS": "tiến sĩ",
    "ThS": "thạc sĩ",
    "BS": "bác sĩ",
    "KS": "kỹ sư",
    "LS": "luật sư",
}
ROADS = {
    "QL": "quốc lộ",
    "ĐT": "đường tỉnh",
    "TL": "tỉnh lộ",
    "ĐH": "đường huyện",
    "HL": "hương lộ",
    "KP": "khu phố",
    "TDP": "tổ dân phố",
    "P": "phường",
    "Q": "quận",
}


@cache
def abbreviations() -> Mapping[str, str]:
    """The governed list: written form → spoken words."""
    lines = (line for line in TABLE.read_text("utf-8").splitlines() if "\t" in line)
    return dict(line.split("\t", 1) for line in lines)


def _alternatives(words: Mapping[str, str]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


def whole_words(words: Mapping[str, str]) -> re.Pattern[str]:
    """A pattern for any of the keys as whole words, longest first, case-sensitive."""
    return re.compile(rf"(?<![\w/&])(?:{_alternatives(words)})(?!\w|&\w)")


@cache
def _abbreviation() -> re.Pattern[str]:
    return whole_words(abbreviations())


_DOTTED_AREA = re.compile(rf"(?<![\w.])(?!T\.[ƯW]\b)({_alternatives(AREAS)})\.\s?(?=[^\W_a-z])")
_TITLE = re.compile(rf"(?<!\w)({_alternatives(TITLES)})\.\s?(?=[^\W_a-z])")
_INITIAL = re.compile(
    rf"[{UPPER}][^\W\d_{UPPER}]+ $"
)  # "Nguyễn Văn H. Các …": an anonymised name, not a district
_CITY = re.compile(rf"(?<!\w)(?:TP|Tp)\s(?=[{UPPER}])|(?<!\w)TP(?!\w)")
_ROAD = re.compile(rf"(?<![\w.])({_alternatives(ROADS)})[. ]?(?=\d)")
_ROOM = re.compile(r"(?<![\w.])P\.\s?(?=[1-9]\d{2,3}(?!\d))")  # no city has a hundred wards
_STANDARD = re.compile(r"(?<!\w)(TCVN|QCVN)\s*(\d+)[-:](\d{4})?")


def _once(match: re.Match[str], words: str) -> str:
    """The words and a blank, or nothing when they stand before the abbreviation: "phường P.1"."""
    return "" if ends_with_word(before(match), (words,)) else words + " "


def _road(match: re.Match[str]) -> str:
    return _once(match, ROADS[match[1]])


def _area(match: re.Match[str]) -> str:
    following = match.string[match.end() : match.end() + 1]
    anonymous = len(match[1]) == 1 and _INITIAL.search(
        match.string[max(0, match.start() - 12) : match.start()]
    )
    if anonymous or not (following.isdigit() or following.isupper()):
        return match[0]
    return _once(match, AREAS[match[1]])


def read_abbreviations(text: str) -> str:
    """Administrative abbreviations, areas and roads in full."""
    text = _STANDARD.sub(lambda m: f"{m[1]} {m[2]}" + (f" năm {m[3]}" if m[3] else ""), text)
    text = _TITLE.sub(lambda m: TITLES[m[1]] + " ", text)
    text = _DOTTED_AREA.sub(_area, _ROOM.sub("phòng ", text))
    text = _ROAD.sub(_road, text)
    text = _abbreviation().sub(lambda m: abbreviations()[m[0]], text)
    return _CITY.sub("thành phố ", text)
