"""Numbers can be read back from their words, so no two numbers sound alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.speech.reading.numbers import cardinal

UNITS = {
    "không": 0, "một": 1, "mốt": 1, "hai": 2, "ba": 3, "bốn": 4, "tư": 4,
    "năm": 5, "lăm": 5, "sáu": 6, "bảy": 7, "tám": 8, "chín": 9,
}  # fmt: skip
SCALES = {"nghìn": 10**3, "triệu": 10**6}


def heard(words: str) -> int:
    """What a listener makes of the words: written apart from the code that made them."""
    billions, total, group = 0, 0, 0
    for word in words.split():
        if word in UNITS:
            group += UNITS[word]
        elif word == "trăm":
            group *= 100
        elif word == "mươi":
            group = group // 100 * 100 + group % 100 * 10 if group < 10 else _tens(group)
        elif word == "mười":
            group += 10
        elif word in SCALES:
            total, group = total + group * SCALES[word], 0
        elif word == "tỷ":
            billions, total, group = (billions + total + group) * 10**9, 0, 0
    return billions + total + group


def _tens(group: int) -> int:
    return group - group % 10 + group % 10 * 10


@given(st.integers(0, 10**15))
def test_every_number_is_heard_as_it_was_written(number: int) -> None:
    assert heard(cardinal(number)) == number


def test_the_first_ten_thousand_all_sound_different() -> None:
    assert len({cardinal(number) for number in range(10_000)}) == 10_000


def test_there_are_no_words_below_zero() -> None:
    with pytest.raises(ValueError, match="-1"):
        cardinal(-1)
