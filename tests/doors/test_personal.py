"""`loa personal`: a person's wishes and questions, and the installation's keys, at the console."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.doors.conftest import Loa

MAI, BINH = ("--as", "Nguyễn Thị Mai"), ("--as", "Trần Văn Bình")
WHY = ("--why", "Đề nghị của công dân, đơn số 12/ĐN")
PHONE = "0912345678"
LIST = (
    "Mã,Họ và tên,Số điện thoại,Xã,Thôn\n"
    f"DQ-01,Đinh Văn Lực,{PHONE},Đức Quang,\n"
    "DQ-02,Lê Thị Sen,0912345679,Đức Quang,\n"
)


@pytest.fixture
def people(begin: Loa, tmp_path: Path) -> Loa:
    """An agency with two people in its list."""
    assert begin().status == 0
    (tmp_path / "list.csv").write_text(LIST)
    return begin


def test_a_person_is_shown_reported_on_and_erased(people: Loa, loa: Loa, tmp_path: Path) -> None:
    assert loa("import", "contacts", "list.csv", *MAI).status == 0
    assert loa("personal", "reveal", "1", "phone", *WHY, *MAI).out.strip() == "+84912345678"
    assert loa("personal", "opt-out", "phone", PHONE, "--how", "letter", *MAI).status == 0
    told = loa("personal", "report", "phone", PHONE, *WHY, *MAI).told
    assert [each["name"] for each in told["records"]] == ["Đinh Văn Lực"]
    assert [each["how"] for each in told["wishes"]] == ["letter"]
    assert [each["field"] for each in told["shown"]] == ["phone"]
    page = loa("personal", "report", "phone", PHONE, *WHY, "--output", "tra-loi.html", *MAI)
    assert page.status == 0
    assert "Đinh Văn Lực" in (tmp_path / "tra-loi.html").read_text()
    done = loa("personal", "erase", "phone", PHONE, *WHY, "--on", "2026-11-19", *MAI)
    assert "1 bản ghi, 1 địa chỉ" in done.out
    gone = loa("personal", "reveal", "1", "phone", *WHY, *MAI)
    assert (gone.status, gone.out) == (1, "")
    assert loa("audit", "verify", "--wait").status == 0


def test_a_list_needs_two_people(people: Loa, loa: Loa, tmp_path: Path) -> None:
    loa("import", "contacts", "list.csv", *MAI)
    number = loa("personal", "ask-export", *WHY, *MAI).out.strip()
    assert loa("personal", "decide-export", number, "approve", *MAI).status == 1
    assert loa("personal", "decide-export", number, "approve", *BINH).status == 0
    assert loa("personal", "export", number, "--output", "danh-ba.csv", *MAI).status == 0
    file = tmp_path / "danh-ba.csv"
    assert "Lê Thị Sen" in file.read_text()
    assert file.stat().st_mode & 0o077 == 0


def test_keys_are_exchanged_and_the_old_root_opens_nothing(
    people: Loa, loa: Loa, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loa("import", "contacts", "list.csv", *MAI)
    log = loa("audit", "key").out
    done = loa("personal", "rotate-keys", "--settle", "0", "--json", *MAI).told
    assert (done["sealed"], done["retired"]) == ({"address": 2, "contact": 2}, [1])
    old = (tmp_path / "data" / "root.key").read_text()
    monkeypatch.setenv("LOA_ROOT_KEY", base64.b64encode(bytes(32)).decode())
    refused = loa("personal", "reveal", "1", "phone", *WHY, *MAI)
    assert "LOA_ROOT_KEY_OLD" in refused.err
    monkeypatch.setenv("LOA_ROOT_KEY_OLD", old)
    assert "2 khóa" in loa("personal", "rotate-root", *MAI).out
    monkeypatch.delenv("LOA_ROOT_KEY_OLD")
    assert loa("personal", "reveal", "1", "phone", *WHY, *MAI).out.strip() == "+84912345678"
    assert loa("audit", "key").out == log
    monkeypatch.delenv("LOA_ROOT_KEY")
    assert loa("personal", "reveal", "1", "phone", *WHY, *MAI).status == 1


def test_old_things_go_when_asked(people: Loa, loa: Loa) -> None:
    assert loa("personal", "retain", "--json").told == {}


def test_routes_say_what_leaves(people: Loa, loa: Loa) -> None:
    assert loa("personal", "borders", "--json", *MAI).told == []
