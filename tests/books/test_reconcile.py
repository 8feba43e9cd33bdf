"""An invoice against the log: every difference is listed, and nothing else is."""

from __future__ import annotations

import io
from typing import Any

import pytest

from dispatcher.books.reconciliation import BOOK
from dispatcher.domain.errors import BadInput, Forbidden, LoaError, NotFound
from dispatcher.ledger import prices, registry, routes
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.routes import NewRoute
from dispatcher.ledger.store import Ledger
from dispatcher.reconcile import reconcile
from tests.ledger import chronicle
from tests.ledger.world import NOW

#: Numbers 1 and 3 to 8 at their first try, number 2 twice: its first try was named and had no
#: parts. Number 9 was never sent.
TAKEN = {"SM-1-1": 2, "SM-2-1": 0, "SM-2-2": 2, **{f"SM-{n}-1": 2 for n in range(3, 9)}}
GOOD = ["reference,parts,unit_price", *(f"{name},{parts},450" for name, parts in TAKEN.items())]


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """The chronicle's nine deliveries over a route of 450 VND a part."""
    chronicle.write(ledger)
    new = NewRoute(agency=3, channel="sms", provider="twilio", name="SMS xã", mode="test",
                   settings={}, rate=5, price=450)  # fmt: skip
    with ledger.begin() as conn:
        routes.add(conn, ledger.vault, new)
    return ledger


def somebody(ledger: Ledger, account: int) -> Actor:
    with ledger.read() as conn:
        found = registry.actor(conn, account, "live")
    assert found is not None
    return found


def compared(
    ledger: Ledger, invoice: str, *, route: str = "1", month: str = "2026-11", **columns: str
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """(differences, totals) by column."""
    heads = [column.name for column in BOOK.columns]
    auditor = somebody(ledger, 4)
    with reconcile(ledger, auditor, route, month, io.StringIO(invoice), columns) as found:
        rows = [dict(zip(heads, row, strict=True)) for row in found.rows()]
        assert found.differences == sum(row["difference"] != "total" for row in rows)
    return (
        [row for row in rows if row["difference"] != "total"],
        [row for row in rows if row["difference"] == "total"],
    )


def test_what_fits_has_no_differences_and_a_total(told: Ledger) -> None:
    differences, (total,) = compared(told, "\n".join(GOOD))
    assert differences == []
    assert total["our_amount"] == total["billed_amount"] == 8 * 2 * 450


def test_our_own_references_are_understood_too(told: Ledger) -> None:
    ours = [line.replace("SM-1-1", "1.1.1").replace("SM-2-2", "1.2.2") for line in GOOD]
    assert compared(told, "\n".join(ours))[0] == []


def test_semicolons_other_headers_and_a_byte_order_mark_are_read(told: Ledger) -> None:
    invoice = "\ufeffSid;To;Segments\n" + "\n".join(f"{a};x;{b}" for a, b in TAKEN.items())
    assert compared(told, invoice, reference="Sid", parts="Segments")[0] == []


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([*GOOD, "SM-99-1,1,450"], [("not_ours", 11, None)]),
        (GOOD[:-1], [("not_billed", None, 8)]),
        ([*GOOD, GOOD[1]], [("duplicate", 11, 1)]),
        ([*GOOD, "1.1.1,2,450"], [("duplicate", 11, 1)]),
        ([*GOOD, "SM-99-1,1,450", "SM-99-1,1,450"],
         [("not_ours", 11, None), ("duplicate", 12, None), ("not_ours", 12, None)]),
        ([*GOOD[:-1], "SM-8-1,3,450"], [("parts", 10, 8)]),
        ([*GOOD[:-1], "SM-8-1,2,460"], [("price", 10, 8)]),
        ([*GOOD, "SM-99-1"], [("unreadable", 11, None)]),
        ([*GOOD, "", '"SM', "-x"], [("unreadable", 13, None)]),
    ],
)  # fmt: skip
def test_every_difference_is_listed_with_its_line(
    told: Ledger, lines: list[str], expected: list[tuple[str, int | None, int | None]]
) -> None:
    differences, _ = compared(told, "\n".join(lines))
    found = [(each["difference"], each["line"], each["delivery"]) for each in differences]
    assert found == expected


def test_the_price_is_that_of_the_moment_it_was_sent(told: Ledger) -> None:
    with told.begin() as conn:
        prices.add(conn, 1, 500, since=NOW + 5_000, by=1, now=NOW + 5_000)
    differences, _ = compared(told, "\n".join(GOOD))
    assert [(each["difference"], each["delivery"]) for each in differences] == [("price", 2)]
    assert (differences[0]["our_price"], differences[0]["billed_price"]) == (500, 450)


def test_what_was_sent_in_another_month_is_not_ours_to_pay_now(told: Ledger) -> None:
    differences, _ = compared(told, "\n".join(GOOD), month="2026-12")
    assert {each["difference"] for each in differences} == {"not_ours"}
    assert len(differences) == len(TAKEN)


def test_totals_are_by_budget_source(told: Ledger) -> None:
    with told.begin() as conn:
        plan = '{"budget": "Ngân sách xã 2026"}'
        conn.exec_driver_sql(f"UPDATE dispatch SET plan = '{plan}'")  # noqa: S608
    _, totals = compared(told, "\n".join([*GOOD, "SM-99-1,1,450"]))
    found = [(each["budget"], each["our_amount"], each["billed_amount"]) for each in totals]
    assert found == [("", 0, 450), ("Ngân sách xã 2026", 7200, 7200)]


@pytest.mark.parametrize(
    ("route", "month", "invoice", "error"),
    [
        ("9", "2026-11", GOOD[0], NotFound),
        ("SMS tỉnh", "2026-11", GOOD[0], NotFound),
        ("1", "tháng 11", GOOD[0], BadInput),
        ("1", "2026-11", "", BadInput),
        ("1", "2026-11", "phone,text", BadInput),
    ],
)
def test_what_cannot_be_compared_is_refused(
    told: Ledger, route: str, month: str, invoice: str, error: type[LoaError]
) -> None:
    with pytest.raises(error):
        compared(told, invoice, route=route, month=month)


def test_a_route_is_known_by_its_name(told: Ledger) -> None:
    assert compared(told, "\n".join(GOOD), route="SMS xã")[0] == []


def test_only_auditors_reconcile(told: Ledger) -> None:
    operator, invoice = somebody(told, 3), io.StringIO("\n".join(GOOD))
    with pytest.raises(Forbidden), reconcile(told, operator, "1", "2026-11", invoice, {}):
        pass


def test_another_agency_s_route_does_not_exist(told: Ledger) -> None:
    with told.begin() as conn:
        conn.exec_driver_sql("UPDATE route SET agency_id = 2")
    with pytest.raises(NotFound):
        compared(told, "\n".join(GOOD))
