"""Vietnamese names as people type them."""

from __future__ import annotations

import unicodedata

import pytest

from dispatcher.domain.names import fold, key, same


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Hoà Bình", "hoa binh"),
        ("Hòa  Bình ", "hoa binh"),
        ("ĐẮK LẮK", "dak lak"),
        ("M’Drắk", "m'drak"),
        ("Bà Rịa - Vũng Tàu", "ba ria vung tau"),
        ("Ủy ban", "uy ban"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Hường"), "nguyen thi huong"),
        ("", ""),
    ],
)
def test_fold_leaves_letters_and_single_blanks(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "searched"),
    [
        ("Xã Gia Viễn", "gia vien"),
        ("TP. Huế", "hue"),
        ("Thành phố Huế", "hue"),
        ("Tổ dân phố 5", "5"),
        ("Đặc khu Lý Sơn", "ly son"),
        ("Bản Phố", "pho"),
        ("Xã", "xa"),
        ("Tỉnh", "tinh"),
    ],
)
def test_key_drops_what_kind_of_place_it_is(text: str, searched: str) -> None:
    assert key(text) == searched


@pytest.mark.parametrize(
    ("left", "right", "agree"),
    [
        ("Hoà", "Hòa", True),
        ("Thuỷ", "thủy", True),
        ("Uỷ ban", "Ủy ban", True),
        ("Hòa", "Hoa", False),
        ("Hòa", "Hóa", False),
        ("Tân", "Tan", False),
        ("Đông", "Dông", False),
        ("Hòa Bình", "Hòa", False),
    ],
)
def test_only_the_place_of_a_tone_may_differ(left: str, right: str, *, agree: bool) -> None:
    assert same(left, right) is agree
