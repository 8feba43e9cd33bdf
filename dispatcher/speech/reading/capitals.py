"""Words written in capitals: a heading is lowered so that it is read, an abbreviation is left to be
reported.
"""

import re

from dispatcher.speech.reading.context import UPPER
from dispatcher.speech.reading.syllables import is_syllable

_CAPITALS = re.compile(rf"(?<!\w)[{UPPER}]{{2,}}(?!\w)")
_PLAIN = re.compile(r"[A-ZĐ]+")
_NEIGHBOUR_BEFORE = re.compile(rf"[{UPPER}]{{2,}}[\s,:;-]+$")
_NEIGHBOUR_AFTER = re.compile(rf"[\s,:;-]+[{UPPER}]{{2,}}(?!\w)")
_REACH = 12  # characters: the longest syllable, "nghiêng", with its separators


def _lower(match: re.Match[str]) -> str:
    word, text = match[0], match.string
    if not is_syllable(word):
        return word
    accented = _PLAIN.fullmatch(word) is None
    in_heading = _NEIGHBOUR_AFTER.match(text, match.end()) or _NEIGHBOUR_BEFORE.search(
        text[max(0, match.start() - _REACH) : match.start()]
    )
    return word.lower() if accented or in_heading else word


def read_headings(text: str) -> str:
    """Capitals that are Vietnamese syllables, accented or next to other capitals, in lower case."""
    return _CAPITALS.sub(_lower, text)
