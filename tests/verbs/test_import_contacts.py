"""Taking in lists of people, on both databases."""

from __future__ import annotations

import io
import json
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from dispatcher.domain.contact_columns import HEADINGS
from dispatcher.domain.contact_errors import FILE_ERRORS, HEADINGS_VI, ROW_ERRORS
from dispatcher.domain.errors import BadInput, Forbidden
from dispatcher.import_contacts import (
    CHUNK,
    ERRORS_KEPT,
    ImportReport,
    UnknownLocality,
    import_contacts,
)
from dispatcher.ledger import entries, sealed
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import address, contact, page
from tests.ledger import world
from tests.ledger.world import NOW

DOCS = Path(__file__).parents[2] / "docs/import.md"

LIST = """\
ỦY BAN NHÂN DÂN XÃ GIA VIỄN;;;;;
Danh sách nhận tin cảnh báo;;;;;
;;;;;
STT;Mã;Họ và tên;Số điện thoại;Thôn;Người phụ trách;Chức vụ
1;HD-01;Đinh Văn Lực;912345678;Thôn Đông;có;Trưởng thôn
2;HD-02;Bùi Thị Mật;0987.654.321;thôn đoài;;
3;HD-03;Phạm Văn Sai;09123;Thôn Đông;;
4;HD-04;Lê Thị Na;0912345679;Thôn Mới;;
5;HD-01;Lê Văn Trùng;0912345670;Thôn Đông;;
"""


def take_in(ledger: Ledger, actor: Actor, data: str | bytes, **more: Any) -> ImportReport:
    source = data.encode() if isinstance(data, str) else data
    return import_contacts(
        ledger, source, actor=actor, source_name="Danh sách xã", **{"now": NOW, **more}
    )


def test_good_rows_are_kept_and_bad_ones_explained(ledger: Ledger) -> None:
    home = world.make(ledger)
    report = take_in(ledger, home.operator, LIST)
    assert (report.rows, report.added, report.updated, report.refused) == (5, 2, 0, 3)
    assert [(each.row, each.column, each.code) for each in report.errors] == [
        (7, "phone", "phone_invalid"),
        (8, "locality", "locality_unknown"),
        (9, "external_id", "external_id_repeated"),
    ]
    assert report.ignored_columns == ("STT",)
    assert report.unknown_localities == (UnknownLocality(world.COMMUNE, "Thôn Mới", 1),)
    assert "dòng 5" in report.errors[2].vi


def test_what_is_stored_is_what_the_row_says(ledger: Ledger) -> None:
    home = world.make(ledger)
    take_in(ledger, home.operator, LIST, synthetic=True)
    with ledger.read() as conn:
        row = conn.execute(select(contact).where(contact.c.external_id == "HD-01")).one()
        phone = conn.execute(select(address).where(address.c.id == row.phone_id)).one()
    assert sealed.name_of(ledger.vault, row) == "Đinh Văn Lực"
    assert ledger.vault.open(sealed.address("phone", phone.digest), phone.sealed) == b"+84912345678"
    assert phone.synthetic
    assert (row.agency_id, row.area_code, row.locality_id) == (
        home.commune,
        world.COMMUNE,
        home.localities[0],
    )
    assert (row.responsible, row.office, row.source) == (True, "Trưởng thôn", "Danh sách xã")


def test_importing_again_updates_rather_than_doubles(ledger: Ledger) -> None:
    home = world.make(ledger)
    take_in(ledger, home.operator, LIST)
    moved = LIST.replace("Thôn Đông;có", "Thôn Đoài;có")
    report = take_in(ledger, home.operator, moved, now=NOW + 1)
    assert (report.added, report.updated) == (0, 2)
    with ledger.read() as conn:
        rows = conn.execute(select(contact.c.locality_id, contact.c.checked_at)).all()
    assert [tuple(row) for row in rows] == [(home.localities[1], NOW + 1)] * 2


def test_a_list_without_ids_is_known_again_by_name_and_address(ledger: Ledger) -> None:
    home = world.make(ledger)
    sheet = "Họ tên,Điện thoại\nLê Thị Na,0912345678\nLê Văn Bé,0912345678\n"
    assert take_in(ledger, home.operator, sheet).added == 2
    again = take_in(ledger, home.operator, sheet)
    assert (again.added, again.updated, world.count_people(ledger)) == (0, 2, 2)


def test_a_locality_created_afterwards_lets_the_same_file_through(ledger: Ledger) -> None:
    home = world.make(ledger)
    (missed,) = take_in(ledger, home.operator, LIST).unknown_localities
    with ledger.begin() as conn:
        world.add_locality(conn, missed.area, "thôn", missed.name)
    again = take_in(ledger, home.operator, LIST)
    assert (again.added, again.updated, again.unknown_localities) == (1, 2, ())


@pytest.mark.parametrize(
    ("who", "codes"),
    [
        ("operator", ["area_outside", "area_outside", "area_unknown"]),
        ("province_operator", ["area_outside", "area_unknown"]),
        ("centre_operator", ["area_unknown"]),
    ],
)
def test_rows_outside_the_agencys_area_are_refused_one_by_one(
    ledger: Ledger, who: str, codes: list[str]
) -> None:
    home = world.make(ledger)
    sheet = (
        "Họ tên,Điện thoại,Xã\nĐinh A,0912345671,Gia Viễn\nBùi B,0912345672,14329\n"
        "Lê C,0912345673,Hoàn Kiếm\nVũ D,0912345674,Atlantis\n"
    )
    report = take_in(ledger, getattr(home, who), sheet)
    assert [each.code for each in report.errors] == codes
    assert report.added == 4 - len(codes)


def test_the_ledger_enters_counts_and_nobodys_data(ledger: Ledger) -> None:
    home = world.make(ledger)
    report = take_in(ledger, home.operator, LIST)
    with ledger.read() as conn:
        rows = conn.execute(select(page)).all()
    (row,) = rows
    (entry,) = entries.unpack(row.body)
    assert row.id == report.page
    assert json.loads(entry[1:]) == {
        "act": "import",
        "actor": home.operator.account,
        "at": NOW,
        "subject": f"agency:{home.commune}",
        "facts": {
            "rows": 5,
            "added": 2,
            "updated": 0,
            "refused": 3,
            "errors": {"phone_invalid": 1, "locality_unknown": 1, "external_id_repeated": 1},
        },
    }


class Torn(io.RawIOBase):
    """An upload that breaks off after its first chunks."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self._data = io.BytesIO(data)

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._data.read(size)
        if not data:
            raise OSError("connection reset")
        return data


def sheet_of(rows: int) -> Iterator[bytes]:
    yield "Mã,Họ tên,Điện thoại,Thôn\n".encode()
    for number in range(rows):
        yield f"HD-{number},Nguyễn Văn An,09{10_000_000 + number},Thôn Đông\n".encode()


def test_a_broken_upload_keeps_what_was_stored_and_says_so(ledger: Ledger) -> None:
    home = world.make(ledger)
    with pytest.raises(OSError, match="reset"):
        import_contacts(
            ledger,
            Torn(b"".join(sheet_of(CHUNK + 500))),  # type: ignore[arg-type]
            actor=home.operator,
            source_name="",
            now=NOW,
        )
    assert world.count_people(ledger) == CHUNK
    with ledger.read() as conn:
        (entry,) = entries.unpack(conn.execute(select(page)).one().body)
    assert json.loads(entry[1:])["facts"]["added"] == CHUNK


def test_progress_is_told_after_every_chunk(ledger: Ledger) -> None:
    home = world.make(ledger)
    told: list[int] = []
    take_in(ledger, home.operator, b"".join(sheet_of(CHUNK + 7)), progress=told.append)
    assert told == [CHUNK, CHUNK + 7]


def test_a_list_of_nothing_but_errors_is_counted_in_full_and_listed_in_part(
    sqlite_ledger: Ledger,
) -> None:
    home = world.make(sqlite_ledger)
    sheet = "Họ tên,Điện thoại\n" + "Lê Thị Na,1\n" * (ERRORS_KEPT + 500)
    report = take_in(sqlite_ledger, home.operator, sheet)
    assert len(report.errors) == ERRORS_KEPT
    assert sum(report.error_counts.values()) == report.refused == ERRORS_KEPT + 500


def test_memory_does_not_grow_with_the_file(sqlite_ledger: Ledger) -> None:
    home = world.make(sqlite_ledger)

    def peak(rows: int) -> int:
        tracemalloc.start()
        try:
            with io.BytesIO(b"".join(sheet_of(rows))) as source:
                tracemalloc.reset_peak()
                before = tracemalloc.get_traced_memory()[0]
                import_contacts(sqlite_ledger, source, actor=home.operator, source_name="", now=NOW)
                return tracemalloc.get_traced_memory()[1] - before
        finally:
            tracemalloc.stop()

    peak(10)
    small, large = peak(CHUNK), peak(3 * CHUNK)
    assert large < small * 1.2


def test_who_may_not_import_is_refused(ledger: Ledger) -> None:
    home = world.make(ledger)
    for actor in (
        home.author,
        home.approver,
        home.auditor,
        replace(home.operator, roles=frozenset()),
    ):
        with pytest.raises(Forbidden):
            take_in(ledger, actor, LIST)
    assert world.count_people(ledger) == 0


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "file_empty"),
        ("PK\x03\x04", "file_not_csv"),
        ("Đây là một bức thư.\n" * 20, "header_missing"),
        ("Họ tên,Địa chỉ\nLê Thị Na,Thôn Đông\n", "header_missing"),
        ("Họ tên,SĐT,Điện thoại\n", "header_repeated"),
    ],
)
def test_a_file_that_is_no_list_is_refused_whole(ledger: Ledger, data: str, code: str) -> None:
    home = world.make(ledger)
    with pytest.raises(BadInput) as refused:
        take_in(ledger, home.operator, data)
    assert refused.value.code == code
    with ledger.read() as conn:
        assert conn.execute(select(page)).all() == []


def explained(heading: str) -> dict[str, list[str]]:
    """The table under a heading of docs/import.md: first cell in code marks → its cells."""
    part = DOCS.read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = re.findall(r"(?m)^\| `(\w+)` \|(.*)\|$", part)
    return {name: [cell.strip() for cell in cells.split(" | ")] for name, cells in lines}


def test_the_manual_explains_every_row_error_in_the_reports_own_words() -> None:
    told = {code: [words.vi, words.remedy_vi] for code, words in ROW_ERRORS.items()}
    assert explained("Lỗi của từng dòng") == told


def test_the_manual_explains_every_error_of_the_whole_file() -> None:
    told = {code: [vi] for code, (vi, _) in FILE_ERRORS.items()}
    assert explained("Lỗi của cả tệp") == told


def test_the_manual_names_every_column() -> None:
    assert explained("Các cột").keys() == HEADINGS.keys()


def test_errors_call_a_column_as_the_manual_does() -> None:
    told = {name: cells[0].split(", ")[0] for name, cells in explained("Các cột").items()}
    assert told == HEADINGS_VI


def test_the_manuals_example_can_be_imported(sqlite_ledger: Ledger) -> None:
    home = world.make(sqlite_ledger)
    (example,) = re.findall(r"(?s)```csv\n(.*?)```", DOCS.read_text())
    report = take_in(sqlite_ledger, home.operator, example)
    assert (report.rows, report.added, report.errors) == (3, 3, ())
