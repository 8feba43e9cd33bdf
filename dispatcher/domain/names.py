"""Vietnamese names as people type them: with or without diacritics, either tone placement."""

import re
import unicodedata

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")

#: What people put before a place's name when they look for it.
_PREFIX = re.compile(r"^(tinh|thanh pho|tp|xa|phuong|dac khu|thon|ban|ap|khu pho|to dan pho)[. ]+")


def fold(text: str) -> str:
    """Lower case without marks, one space between words: ``Hoà Bình`` and ``hòa binh`` agree."""
    spread = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    plain = "".join(each for each in spread if not unicodedata.combining(each))
    return " ".join(re.sub(r"[^0-9a-z']+", " ", plain.lower().replace("’", "'")).split())


def key(text: str) -> str:
    """The search key of a place: folded, without what kind of place it is."""
    folded = fold(text)
    return _PREFIX.sub("", folded) or folded


def same(left: str, right: str) -> bool:
    """Whether two spellings with diacritics name the same: only the tone's place may differ.

    ``hoà`` and ``hòa`` are the same, ``hòa`` and ``hoa`` are not.
    """
    return _canonical(left) == _canonical(right)


def _canonical(text: str) -> list[tuple[str, str]]:
    """Per word: its letters with their quality marks, and its tone wherever it stood."""
    words = unicodedata.normalize("NFD", text.lower()).split()
    return [
        (
            "".join(each for each in word if each not in _TONES),
            "".join(each for each in word if each in _TONES),
        )
        for word in words
    ]
