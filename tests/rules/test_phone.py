"""Phone numbers have one form; what no person reads is refused in words."""

import pytest

from dispatcher.domain.errors import BadAddress
from dispatcher.domain.phone import (
    MIGRATED,
    canonical_mobile,
    canonical_phone,
    is_mobile,
    mask,
    mask_phones,
)


@pytest.mark.parametrize(
    "text",
    [
        "0912345678",
        "912345678",
        "84912345678",
        "+84912345678",
        "0084912345678",
        "0912.345.678",
        "(+84) 912-345-678",
        "+84 (0)912345678",
        " 091 234 56 78 ",
        "０９１２３４５６７８",
    ],
)
def test_every_way_of_writing_gives_one_number(text: str) -> None:
    assert canonical_phone(text) == "+84912345678"


@pytest.mark.parametrize(("old", "new"), MIGRATED.items())
def test_an_old_eleven_digit_number_is_migrated(old: str, new: str) -> None:
    assert canonical_phone(f"0{old}2345678") == f"+84{new}2345678"
    assert canonical_phone(f"+84{old}2345678") == f"+84{new}2345678"


def test_a_new_number_that_begins_like_the_country_is_left_alone() -> None:
    assert canonical_phone("0841234567") == "+84841234567"
    assert canonical_phone("841234567") == "+84841234567"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "phone_unreadable"),
        ("không có", "phone_unreadable"),
        ("+8562055512345", "phone_foreign"),
        ("0140123456", "phone_not_personal"),
        ("0160123456", "phone_not_personal"),
        ("0121012345", "phone_not_personal"),
        ("19001234", "phone_not_personal"),
        ("18001234", "phone_not_personal"),
        ("0521234567", "phone_invalid"),
        ("09123456789", "phone_invalid"),
        ("0912345678 x12", "phone_invalid"),
    ],
)
def test_what_is_no_persons_number_is_refused(text: str, code: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        canonical_phone(text)
    assert refusal.value.code == code
    assert refusal.value.vi
    assert refusal.value.en
    assert not text or text not in f"{refusal.value} {refusal.value.vi}"


def test_a_fixed_line_is_a_number_but_not_a_mobile_one() -> None:
    assert canonical_phone("024 3825 1234") == "+842438251234"
    assert not is_mobile("+842438251234")
    assert is_mobile("+84912345678")
    with pytest.raises(BadAddress, match="mobile"):
        canonical_mobile("024 3825 1234")


def test_a_mask_keeps_three_digits() -> None:
    assert mask("+84912345678") == "+84•••678"


@pytest.mark.parametrize(
    ("words", "masked"),
    [
        ("The 'To' number +84912345678 is wrong", "The 'To' number •••678 is wrong"),
        ("gọi 0912 345 678 nhé", "gọi •••678 nhé"),
        ("error 21211 at 10:30", "error 21211 at 10:30"),
    ],
)
def test_numbers_in_foreign_words_are_masked(words: str, masked: str) -> None:
    assert mask_phones(words) == masked
