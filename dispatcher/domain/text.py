"""Text as a short message carries it: clean-up, counting of parts, unaccenting.

Counting follows 3GPP TS 23.038 (alphabets) and TS 23.040 (concatenation header of 6 octets).
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

#: Characters of the extension table: an escape and a septet.
_GSM7_EXTENDED = frozenset("\f^{}\\[~]|€")

#: What a keyboard, a word processor or a web page puts in place of a blank, and what is invisible.
_CLEANED = {
    **dict.fromkeys(map(ord, "\u00a0\u1680\u2002\u2003\u2007\u2008\u2009\u200a\u202f\u205f"), " "),
    **dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff")),
}

_COMBINING = range(0x0300, 0x0370)

#: Letters without a decomposition, and the punctuation that carriers' unaccented routes refuse.
_PLAIN = str.maketrans(
    {
        "đ": "d",
        "Đ": "D",
        "₫": "d",
        "“": '"',
        "”": '"',
        "„": '"',
        "«": '"',
        "»": '"',
        "‘": "'",
        "’": "'",
        "–": "-",
        "—": "-",
        "−": "-",
        "…": "...",
        "•": "-",
        "×": "x",
        "º": "o",
        "°": " do ",
    }
)


class Encoding(StrEnum):
    GSM7 = "gsm7"
    UCS2 = "ucs2"


#: Units in a single message, and in each part of a longer one.
_CAPACITY = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}


@dataclass(frozen=True, slots=True)
class Parts:
    """How carriers count a text: ``units`` are septets or UTF-16 code units, ``parts`` bills."""

    encoding: Encoding
    units: int
    parts: int


def clean_sms(text: str) -> str:
    """The text in NFC with ordinary blanks and line ends, without invisible characters.

    Decomposed Vietnamese would be counted, billed and shown by handsets as separate letters.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEANED)
    return unicodedata.normalize("NFC", text).strip()


def sms_parts(text: str) -> Parts:
    """What a text costs. Count what is sent: ``clean_sms`` first."""
    encoding = Encoding.GSM7 if _is_gsm7(text) else Encoding.UCS2
    costs = list(_costs(text, encoding))
    units = sum(costs)
    single, each = _CAPACITY[encoding]
    return Parts(encoding, units, 1 if units <= single else _split(costs, each))


def unaccent(text: str) -> str:
    """The text without Vietnamese diacritics, ``đ`` included; other scripts stay as they are."""
    decomposed = unicodedata.normalize("NFD", text)
    bare = "".join(char for char in decomposed if ord(char) not in _COMBINING)
    return unicodedata.normalize("NFC", bare).translate(_PLAIN)


def _is_gsm7(text: str) -> bool:
    return all(char in _GSM7 or char in _GSM7_EXTENDED for char in text)


def _costs(text: str, encoding: Encoding) -> Iterator[int]:
    """Units of each character; one that costs two is never divided between parts."""
    for char in text:
        double = char in _GSM7_EXTENDED if encoding is Encoding.GSM7 else ord(char) > 0xFFFF
        yield 2 if double else 1


def _split(costs: list[int], capacity: int) -> int:
    parts, used = 1, 0
    for cost in costs:
        if used + cost > capacity:
            parts, used = parts + 1, 0
        used += cost
    return parts
