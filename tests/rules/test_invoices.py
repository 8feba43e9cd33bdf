"""An invoice's lines are data whatever is in them, and nothing that differs passes."""

from __future__ import annotations

import pytest

from dispatcher.domain import invoices
from dispatcher.domain.errors import BadInput
from dispatcher.domain.invoices import Billed, Sent, Unreadable
from dispatcher.domain.period import Period, local, of_days, of_month

HEADER = ("reference", "parts", "unit_price", "amount", "time")
WHERE = invoices.places(HEADER, {})
MONTH = of_month("2026-11")
#: 19 November 2026, 08:00 in Hà Nội.
AT = 1_795_050_000_000


@pytest.mark.parametrize(
    ("cells", "billed"),
    [
        (("SM1", "2", "450", "900", ""), Billed(7, "SM1", 2, 450, 900, None)),
        (("SM1", "2", "", "", ""), Billed(7, "SM1", 2, None, None, None)),
        ((" SM1 ", "2", "450.5", "", ""), Billed(7, "SM1", 2, 450.5, None, None)),
        (("SM1", "1", "", "", "2026-11-19T08:00:00+07:00"), Billed(7, "SM1", 1, None, None, AT)),
        (("SM1", "1", "", "", "2026-11-19T01:00:00Z"), Billed(7, "SM1", 1, None, None, AT)),
        (("SM1", "1", "", "", "2026-11-19 08:00"), Billed(7, "SM1", 1, None, None, AT)),
        (("SM1", "1", "", "", "19/11/2026 08:00"), Billed(7, "SM1", 1, None, None, AT)),
    ],
)
def test_a_line_is_read(cells: tuple[str, ...], billed: Billed) -> None:
    assert invoices.read(7, cells, WHERE) == billed


@pytest.mark.parametrize(
    "cells",
    [
        ("", "2", "", "", ""),
        ("SM1", "", "", "", ""),
        ("SM1", "hai", "", "", ""),
        ("SM1", "-1", "", "", ""),
        ("SM1", "²", "", "", ""),
        ("SM1", "99999999999", "", "", ""),
        ("SM1", "2", "1.234,5", "", ""),
        ("SM1", "2", "nan", "", ""),
        ("SM1", "2", "４５０", "", ""),
        ("SM1", "2", "", "-900", ""),
        ("SM1", "2", "", "", "hôm qua"),
        ("SM1", "2", "", "", "0001-01-01"),
        ("SM1", "2"),
        (),
    ],
)
def test_a_line_that_cannot_be_read_says_why_and_where(cells: tuple[str, ...]) -> None:
    found = invoices.read(7, cells, WHERE)
    assert isinstance(found, Unreadable)
    assert found.line == 7
    assert found.vi
    assert found.en


def test_headers_may_have_other_names() -> None:
    given = {"reference": "MessageSid", "parts": "Segments"}
    assert invoices.places(("Segments", "messagesid "), given) == {"reference": 1, "parts": 0}


@pytest.mark.parametrize(
    ("header", "given", "code"),
    [
        (("reference",), {}, "missing_column"),
        (HEADER, {"amount": "Cost"}, "missing_column"),
        (HEADER, {"phone": "To"}, "unknown_column"),
    ],
)
def test_a_header_without_what_is_needed_is_refused(
    header: tuple[str, ...], given: dict[str, str], code: str
) -> None:
    with pytest.raises(BadInput) as refused:
        invoices.places(header, given)
    assert refused.value.code == code


SENT = Sent(1, 2, 1, 2, 450, AT, "")


@pytest.mark.parametrize(
    ("billed", "sent", "repeated", "codes"),
    [
        (Billed(1, "a", 2, 450, 900, AT), SENT, False, []),
        (Billed(1, "a", 2, None, None, None), SENT, False, []),
        (Billed(1, "a", 2, None, 900, AT), SENT, False, []),
        (Billed(1, "a", 2, 450, 900, AT), None, False, ["not_ours"]),
        (Billed(1, "a", 3, 450, 1350, AT), SENT, False, ["parts"]),
        (Billed(1, "a", 2, 451, 902, AT), SENT, False, ["price"]),
        (Billed(1, "a", 2, None, 901, AT), SENT, False, ["price"]),
        (Billed(1, "a", 2, 450, 901, AT), SENT, False, ["amount"]),
        (Billed(1, "a", 2, 450, 900, MONTH.until), SENT, False, ["wrong_month"]),
        (Billed(1, "a", 2, 450, 900, MONTH.since), SENT, False, []),
        (Billed(1, "a", 2, 450, 900, AT), SENT, True, ["duplicate"]),
        (Billed(1, "a", 1, 9, 8, 0), SENT, True, ["duplicate", "wrong_month", "amount", "parts",
                                                  "price"]),
        (Billed(1, "a", 2, 0.1 + 0.2, 0.6, AT), Sent(1, 2, 1, 2, 0.3, AT, ""), False, []),
    ],
)  # fmt: skip
def test_every_difference_has_its_name(
    billed: Billed, sent: Sent | None, repeated: bool, codes: list[str]
) -> None:
    assert list(invoices.differences(billed, sent, MONTH, repeated=repeated)) == codes


def test_days_and_months_are_those_of_hanoi() -> None:
    assert of_month("2026-11") == of_days("2026-11-01", "2026-11-30")
    assert of_month("2026-12") == of_days("2026-12-01", "2026-12-31")
    assert of_month("2028-02") == of_days("2028-02-01", "2028-02-29")
    assert local(MONTH.since).isoformat() == "2026-11-01T00:00:00+07:00"
    assert AT in MONTH
    assert MONTH.until not in MONTH
    assert Period(0, 1).until == 1


@pytest.mark.parametrize(
    "month", ["", "2026", "2026-13", "2026-00", "11-2026", "9999-12", "２026-11"]
)
def test_what_is_no_month_is_refused(month: str) -> None:
    with pytest.raises(BadInput):
        of_month(month)
