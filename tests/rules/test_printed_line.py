"""A printed line survives a person's hand: what is typed is what was printed, or it is refused."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.domain.errors import BadInput
from dispatcher.domain.printed_line import PrintedLine, read_line

LINE = PrintedLine("loa.tinh.gov.vn/log", 48213, date(2026, 11, 22), bytes(range(32)))


@given(st.binary(min_size=32, max_size=32), st.integers(0, 10**18 - 1))
def test_what_is_printed_is_read_back(root: bytes, size: int) -> None:
    line = PrintedLine("loa.tinh.gov.vn/log", size, date(2026, 11, 22), root)
    assert read_line(str(line)) == line


@pytest.mark.parametrize(
    "typed",
    [
        str(LINE).lower(),
        str(LINE).replace("-", " "),
        str(LINE).replace("-", ""),
        str(LINE).replace(LINE.groups, LINE.groups.replace("0", "O").replace("1", "l")),
        str(LINE).replace(" ", "\n"),
    ],
)
def test_how_it_is_typed_does_not_matter(typed: str) -> None:
    assert read_line(typed) == LINE


def _slips() -> list[str]:
    """One sign of the root or of the check group, another in its place."""
    start = str(LINE).index(LINE.groups)
    signs = [at for at in range(start, len(str(LINE))) if str(LINE)[at].isalnum()]
    other = {at: "7" if str(LINE)[at] != "7" else "8" for at in signs}
    return [str(LINE)[:at] + other[at] + str(LINE)[at + 1 :] for at in signs]


@pytest.mark.parametrize("typed", _slips())
def test_a_slip_of_the_hand_is_found(typed: str) -> None:
    with pytest.raises(BadInput):
        read_line(typed)


@pytest.mark.parametrize(
    ("typed", "part"),
    [
        ("", "the line"),
        ("loa.tinh.gov.vn/log 48213 22/11/2026", "the line"),
        (str(LINE).replace("48213", "48x"), "the number of pages"),
        (str(LINE).replace("22/11", "22/13"), "the day"),
        (str(LINE).replace("-", "-0", 1), "the code of 52 signs"),
        (str(LINE).replace("48213", "48214"), "the check group"),
    ],
)
def test_a_line_that_cannot_be_right_is_named_by_its_part(typed: str, part: str) -> None:
    with pytest.raises(BadInput, match=part):
        read_line(typed)
