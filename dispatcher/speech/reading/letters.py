"""Letter names, for symbols and codes that can only be spelled: `QL1A`, `H5N1`, `điểm b`."""

import re

from dispatcher.speech.reading.context import UPPER
from dispatcher.speech.reading.numbers import cardinal, spell_digits

LETTERS = {
    "A": "a", "Ă": "á", "Â": "ớ", "B": "bê", "C": "xê", "D": "dê", "Đ": "đê", "E": "e", "Ê": "ê",
    "F": "ép", "G": "giê", "H": "hát", "I": "i", "J": "gi", "K": "ca", "L": "lờ", "M": "mờ",
    "N": "nờ", "O": "o", "Ô": "ô", "Ơ": "ơ", "P": "pê", "Q": "quy", "R": "rờ", "S": "sờ",
    "T": "tê", "U": "u", "Ư": "ư", "V": "vê", "W": "vê kép", "X": "ích", "Y": "i dài", "Z": "dét",
}  # fmt: skip

_PIECE = re.compile(r"\d+|[^\W\d_]")
_CODE = re.compile(
    r"(?<!\w)(?<!\d[.,])(?=[A-ZĐ]*\d)(?=\d*[A-ZĐ])[A-ZĐ\d]{2,10}(?:-[A-ZĐ\d]+)*(?!\w)"
)
# A vowel alone is a word or part of a name ("Y tế", "U Minh") and already sounds like its letter.
_SINGLE = re.compile(r"(?<![\w.])[B-DĐF-HJ-NP-TV-XZ](?![\w'’])(?!\.\s?[A-ZĐ])")
_POINT = re.compile(r"(?i)\b(?:điểm|tiết)\s+[a-zđ](?:\s*(?:,|và|đến)\s*[a-zđ](?!\w))*(?!\w)")
_LOWER = re.compile(r"(?<!\w)[b-dđg-hk-np-tvx](?!\w)")


_PLATE = re.compile(r"(?<!\w)\d{2}[A-ZĐ]{1,2}\d?[- ]?\d{3}\.?\d{2}(?!\w)")
_ENUMERATOR = re.compile(r"(?m)(?:^|(?<=\s))([a-zđ])\)\s+")
_INITIAL = re.compile(rf"(?<= )[A-ZĐ]\.(?= [^\W\d_{UPPER}])")  # "ông Nguyễn Văn H. ở …"


def spell(code: str) -> str:
    """A code by its letters and numbers: `H5N1` is "hát năm nờ một"; other signs are dropped."""
    return " ".join(_piece(piece) for piece in _PIECE.findall(code))


def _piece(piece: str) -> str:
    if not piece.isdigit():
        return LETTERS.get(piece.upper(), piece)
    whole = len(piece) <= 3 and not piece.startswith("0")
    return cardinal(int(piece)) if whole else spell_digits(piece)


def read_codes(text: str) -> str:
    """Codes of capitals and digits, single capital letters, and the letter of a legal point."""
    text = _PLATE.sub(lambda m: " ".join(map(_piece, re.findall(r"\w", m[0]))), text)
    text = _ENUMERATOR.sub(lambda m: f"{spell(m[1])}, ", text)
    text = _INITIAL.sub(lambda m: spell(m[0]), text)
    text = _CODE.sub(lambda m: spell(m[0]), text)
    text = _POINT.sub(lambda m: _LOWER.sub(lambda n: spell(n[0]), m[0]), text)
    return _SINGLE.sub(lambda m: spell(m[0]), text)
