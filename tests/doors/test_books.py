"""Auditors at the command line: books, searches, prices, invoices."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.doors.conftest import Ended, Loa

ADMINISTRATOR, APPROVER = "Nguyễn Thị Mai", "Trần Văn Bình"
DAYS = ("--from", "2026-11-01", "--to", "2026-11-30")
SETTINGS = '{"account_sid": "AC0123456789abcdef0123456789abcdef", "auth_token": "x", "sender": "+15005550006", "callback_url": "http://x.example/{route}"}'  # noqa: E501


@pytest.fixture
def office(begin: Loa, tmp_path: Path) -> None:
    """An agency with a connection of 450 VND a part."""
    begin()
    (tmp_path / "settings.json").write_text(SETTINGS)


def with_route(loa: Loa) -> None:
    added = loa("route", "add", "SMS xã", "--provider", "twilio", "--rate", "5", "--price", "450",
                "--settings", "settings.json", "--as", ADMINISTRATOR)  # fmt: skip
    assert added.status == 0, added.err


@pytest.mark.parametrize("name", ["bulletins", "deliveries", "plays", "exceptions"])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "html"])
def test_a_book_is_a_file(loa: Loa, office: None, tmp_path: Path, name: str, kind: str) -> None:
    ended = loa("book", name, *DAYS, "--format", kind, "--output", f"so.{kind}",
                "--as", ADMINISTRATOR)  # fmt: skip
    assert ended.status == 0, ended.err
    start = {"csv": "\ufeff".encode(), "xlsx": b"PK", "html": b"<!doctype html>"}[kind]
    assert (tmp_path / f"so.{kind}").read_bytes().startswith(start)


def test_a_book_is_not_for_everybody(loa: Loa, office: None) -> None:
    refused = loa("book", "bulletins", *DAYS, "--as", APPROVER)
    assert refused.status == 1
    assert "Vai trò" in refused.err


def test_a_refused_book_overwrites_nothing(loa: Loa, office: None, tmp_path: Path) -> None:
    (tmp_path / "so.csv").write_text("kỳ trước")
    loa("book", "bulletins", *DAYS, "--output", "so.csv", "--as", APPROVER)
    assert (tmp_path / "so.csv").read_text() == "kỳ trước"


def test_a_price_has_a_history(loa: Loa, office: None) -> None:
    with_route(loa)
    later = ("route", "price", "1", "500", "--since", "2035-01-01", "--as", ADMINISTRATOR)
    assert loa(*later).status == 0
    again = loa(*later)
    assert (again.status, "price_recorded" in again.err or "đã có đơn giá" in again.err) == (
        1,
        True,
    )
    told = loa("route", "price", "1", "--as", ADMINISTRATOR, "--json").told
    assert [(row["price"], row["since"][:10]) for row in told] == [
        (450, "1970-01-01"),
        (500, "2035-01-01"),
    ]


def invoice(loa: Loa, tmp_path: Path, text: str, *words: str) -> Ended:
    (tmp_path / "hoa-don.csv").write_text(text)
    return loa("reconcile", "SMS xã", "2026-11", "hoa-don.csv", *words, "--as", ADMINISTRATOR)


def test_an_invoice_that_fits_ends_well(loa: Loa, office: None, tmp_path: Path) -> None:
    with_route(loa)
    assert invoice(loa, tmp_path, "reference,parts\n").status == 0


def test_an_invoice_that_differs_ends_with_1_and_a_line_for_each(
    loa: Loa, office: None, tmp_path: Path
) -> None:
    with_route(loa)
    words = ("--columns", "reference=Sid,parts=Segments", "--output", "doi-soat.csv")
    ended = invoice(loa, tmp_path, "Sid;Segments\nSM1;1\nSM2;x\n", *words)
    assert (ended.status, ended.err) == (1, "2 chênh lệch.\n")
    _, *rows = (tmp_path / "doi-soat.csv").read_text("utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows] == ["not_ours", "unreadable", "total"]


@pytest.mark.parametrize("columns", ["reference", "=x", "phone=To"])
def test_columns_are_named_rightly_or_refused(
    loa: Loa, office: None, tmp_path: Path, columns: str
) -> None:
    with_route(loa)
    assert invoice(loa, tmp_path, "reference,parts\n", "--columns", columns).status == 1


def test_a_search_answers_programs_and_people(loa: Loa, office: None) -> None:
    asked = ("search", "dispatches", "--symbol", "12/CĐ-UBND", "--as", ADMINISTRATOR)
    assert loa(*asked, "--json").told == {"items": [], "next": None}
    assert loa(*asked) == Ended(0, "", "")
    half = loa("search", "deliveries", "--from", "2026-11-01", "--as", ADMINISTRATOR)
    assert half.status == 1
