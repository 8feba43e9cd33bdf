"""Lists of people, cell by cell and file by file."""

from __future__ import annotations

import codecs
import io

import pytest

from dispatcher.domain.contact_cells import email, external_id, language, name, phone, yes, zalo
from dispatcher.domain.contact_columns import find_columns
from dispatcher.domain.contact_errors import ROW_ERRORS, CellError, RowError
from dispatcher.domain.contact_rows import ContactRow, RowReader
from dispatcher.domain.duplicates import Seen
from dispatcher.domain.errors import BadInput
from dispatcher.domain.places import Atlas, Former, Place, Unsure, Village, Wanted, find_village
from dispatcher.domain.tabular import BrokenRow, read_table

ROWS = [(1, ["Họ tên", "Điện thoại"]), (2, ["Nguyễn Thị Hồng", "0912345678"])]
SHEET = "Họ tên;Điện thoại\r\nNguyễn Thị Hồng;0912345678\r\n"


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(SHEET.encode(), id="UTF-8 with semicolons"),
        pytest.param(SHEET.replace(";", ",").encode("utf-8-sig"), id="UTF-8 with a BOM"),
        pytest.param(SHEET.replace(";", "\t").encode("utf-16"), id="Excel's Unicode text"),
        pytest.param(
            codecs.BOM_UTF16_BE + SHEET.replace(";", "\t").encode("utf-16-be"), id="UTF-16 BE"
        ),
        pytest.param(
            # What Windows-1258 holds: letters with their quality, tones as marks of their own.
            "Ho\u0323 tên;Điê\u0323n thoa\u0323i\r\n"
            "Nguyê\u0303n Thi\u0323 Hô\u0300ng;0912345678\r\n".encode("cp1258"),
            id="Windows-1258",
        ),
        pytest.param(("sep=;\r\n" + SHEET).encode(), id="Excel's sep= line"),
        pytest.param(SHEET.replace("\r\n", "\r").encode(), id="old Macintosh line ends"),
        pytest.param((SHEET + ";\r\n;;\r\n\r\n").encode(), id="empty rows after the last"),
        pytest.param(b'"' + SHEET.encode().replace(b";", b'";"').replace(b"\r\n", b'"\r\n"')[:-1],
                     id="everything in quotes"),
    ],
)  # fmt: skip
def test_a_table_is_read_as_spreadsheets_export_it(data: bytes) -> None:
    shift = 1 if data.startswith(b"sep=") else 0
    expected = [(number + shift, cells) for number, cells in ROWS]
    assert list(read_table(data)) == expected
    assert list(read_table(io.BytesIO(data))) == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file_empty"),
        (b" \r\n", "file_empty"),
        (b"PK\x03\x04rest of a workbook", "file_not_csv"),
        (b"\xd0\xcf\x11\xe0rest of an old workbook", "file_not_csv"),
        (b"a\x00b", "file_not_csv"),
    ],
)
def test_what_is_no_table_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        next(read_table(data))
    assert refused.value.code == code


def test_an_open_quotation_mark_ends_the_reading_where_it_stands() -> None:
    rows = read_table(b'name,phone\nA,1\n"B,' + b"2\nC,3\n" * 50_000)
    assert [next(rows), next(rows)] == [(1, ["name", "phone"]), (2, ["A", "1"])]
    with pytest.raises(BrokenRow) as broken:
        next(rows)
    assert broken.value.row == 3


def test_hard_spaces_and_letters_taken_apart_are_mended() -> None:
    ((_, cells),) = read_table("Tr\u1ea7n\u00a0 V\u0103n  A\u0301i".encode())
    assert cells == ["Trần Văn Ái"]


@pytest.mark.parametrize(
    ("header", "fields"),
    [
        (["Họ và tên", "Số điện thoại"], {"name": 0, "phone": 1}),
        (["SDT", "ho ten"], {"phone": 0, "name": 1}),
        (["STT", "HỌ TÊN (*)", "E-mail", ""], {"name": 1, "email": 2}),
        (["name", "zalo", "area", "village"], {"name": 0, "zalo": 1, "area": 2, "locality": 3}),
        (
            ["Mã", "Họ tên", "Điện thoại", "Mã xã", "Xã/Phường", "Tổ dân phố"],
            {"external_id": 0, "name": 1, "phone": 2, "area_code": 3, "area": 4, "locality": 5},
        ),
    ],
)
def test_columns_are_found_in_any_order_with_or_without_marks(
    header: list[str], fields: dict[str, int]
) -> None:
    columns = find_columns(header)
    assert columns is not None
    assert columns.places == fields


def test_headings_that_mean_nothing_are_named() -> None:
    columns = find_columns(["STT", "Họ tên", "Điện thoại", "Ghi chú", ""])
    assert columns is not None
    assert columns.ignored == ("STT", "Ghi chú")


def test_two_columns_of_one_meaning_are_refused() -> None:
    with pytest.raises(BadInput) as refused:
        find_columns(["Họ tên", "Điện thoại", "SĐT"])
    assert refused.value.code == "header_repeated"


@pytest.mark.parametrize(
    "cell",
    [
        "0912345678",
        "912345678",
        "84912345678",
        "+84 912 345 678",
        "0912.345.678",
        "'0912345678",
        '="0912345678"',
        "912345678.0",
    ],
)
def test_a_phone_number_is_read_however_it_was_typed(cell: str) -> None:
    assert phone(cell) == "+84912345678"


@pytest.mark.parametrize("cell", ["01689123456", "1689123456", "84 168 912 3456"])
def test_numbers_of_before_2018_are_brought_up_to_date(cell: str) -> None:
    assert phone(cell) == "+84389123456"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("9,12E+08", "number_format_lost"),
        ("8.49123E+10", "number_format_lost"),
        ("0912345678; 0987654321", "phone_several"),
        ("0912345678/0987654321", "phone_several"),
        ("0912345678 hoặc 0987654321", "phone_several"),
        ("0912345678 - 0987654321", "phone_several"),
        ("không có", "phone_unreadable"),
        ("+1 202 555 0123", "phone_foreign"),
        ("1900 1234", "phone_not_personal"),
        ("091234567", "phone_invalid"),
        ("09123456789", "phone_invalid"),
    ],
)
def test_a_phone_number_that_cannot_be_one_says_why(cell: str, code: str) -> None:
    with pytest.raises(CellError) as wrong:
        phone(cell)
    assert wrong.value.code == code


@pytest.mark.parametrize(
    ("check", "cell", "code"),
    [
        (email, "hanh@", "email_bad_domain"),
        (email, "hanh.gov.vn", "email_unreadable"),
        (email, f"{'a' * 65}@example.vn", "email_too_long"),
        (zalo, "0912345678", "zalo_unreadable"),
        (zalo, "1,86729E+17", "number_format_lost"),
        (name, "", "name_missing"),
        (name, "NguyÔn V¨n A", "name_unreadable"),
        (name, "12345", "name_unreadable"),
        (name, "A" * 201, "text_too_long"),
        (external_id, "037091001234", "external_id_personal"),
        (external_id, "0912345678", "external_id_personal"),
        (language, "tiếng Hỏa tinh", "lang_unknown"),
        (yes, "Trưởng thôn", "responsible_unclear"),
    ],
)
def test_a_cell_that_cannot_be_used_says_why(check, cell: str, code: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(CellError) as wrong:
        check(cell)
    assert wrong.value.code == code


@pytest.mark.parametrize(
    ("cell", "tag"),
    [("", "vi"), ("Tiếng Việt", "vi"), ("Mông", "hmn"), ("K'Ho", "kpm"), ("khmer", "km")],
)
def test_languages_are_known_by_their_names(cell: str, tag: str) -> None:
    assert language(cell) == tag


@pytest.mark.parametrize(
    ("cell", "answer"),
    [("Có", True), ("x", True), ("✓", True), ("1", True), ("", False), ("Không", False)],
)
def test_yes_and_no_are_known_as_people_write_them(cell: str, *, answer: bool) -> None:
    assert yes(cell) is answer


PLACES = [
    Place("37", "Ninh Bình", "Tỉnh Ninh Bình", ""),
    Place("01", "Hà Nội", "Thành phố Hà Nội", ""),
    Place("14329", "Hoa Lư", "Phường Hoa Lư", "37"),
    Place("14464", "Gia Viễn", "Xã Gia Viễn", "37"),
    Place("14488", "Gia Hưng", "Xã Gia Hưng", "37"),
    Place("00070", "Hoàn Kiếm", "Phường Hoàn Kiếm", "01"),
    Place("00001", "Bình Minh", "Xã Bình Minh", "01"),
    Place("14002", "Bình Minh", "Xã Bình Minh", "37"),
]
FORMER = [
    Former("14320", "Phường Đông Thành", "Thành phố Hoa Lư", "Tỉnh Ninh Bình", "14329"),
    Former("13999", "Thị trấn Me", "Huyện Gia Viễn", "Tỉnh Ninh Bình", "14464"),
    Former("13998", "Xã Hoa Lư", "Huyện Gia Viễn", "Tỉnh Ninh Bình", "14464"),
    Former("13997", "Xã Gia Chia", "Huyện Gia Viễn", "Tỉnh Ninh Bình", "14464"),
    Former("13997", "Xã Gia Chia", "Huyện Gia Viễn", "Tỉnh Ninh Bình", "14488"),
]


def atlas(top: str = "37") -> Atlas:
    return Atlas(PLACES, lambda: FORMER, top)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        (Wanted("14464"), "14464"),
        (Wanted("Gia Viễn"), "14464"),
        (Wanted("xã gia vien"), "14464"),
        (Wanted("X. Gia Viễn"), "14464"),
        (Wanted("P.Hoa Lư"), "14329"),
        (Wanted("Hoa Lư, Ninh Bình"), "14329"),
        (Wanted("Bình Minh"), "14002"),
        (Wanted("Phường Đông Thành"), "14329"),
        (Wanted("Đông Thành, TP. Hoa Lư, Ninh Bình"), "14329"),
        (Wanted("TT. Me", "Huyện Gia Viễn"), "14464"),
        (Wanted("Hoa Lư", "Gia Viễn"), "14464"),
        (Wanted("14320"), "14329"),
        (Wanted("37"), "37"),
    ],
)
def test_a_place_is_found_by_code_present_name_or_former_name(wanted: Wanted, code: str) -> None:
    assert atlas().find(wanted) == code


def test_zeros_that_a_spreadsheet_ate_are_put_back() -> None:
    assert atlas("").find(Wanted("70")) == Unsure("area_unknown")
    assert atlas("").find(Wanted("0070")) == "00070"
    assert atlas("").find(Wanted("1")) == "01"


@pytest.mark.parametrize(
    ("top", "wanted", "expected"),
    [
        ("37", Wanted(""), Unsure("area_missing")),
        ("37", Wanted("Hoàn Kiếm"), Unsure("area_outside")),
        ("14464", Wanted("Hoa Lư"), Unsure("area_outside")),
        ("37", Wanted("Hoa Lưa"), Unsure("area_unknown", ("Phường Hoa Lư (14329)",))),
        ("", Wanted("Bình Minh"), Unsure("area_ambiguous",
            ("Xã Bình Minh (00001)", "Xã Bình Minh (14002)"))),
        ("37", Wanted("Gia Chia"), Unsure("area_ambiguous",
            ("Xã Gia Viễn (14464)", "Xã Gia Hưng (14488)"))),
    ],
)  # fmt: skip
def test_a_place_that_is_not_sure_is_never_guessed(
    top: str, wanted: Wanted, expected: Unsure
) -> None:
    assert atlas(top).find(wanted) == expected


def test_a_communes_own_list_need_not_say_where() -> None:
    assert atlas("14464").find(Wanted("")) == "14464"


VILLAGES = [
    Village(1, "14464", "thôn", "Thôn 1"),
    Village(2, "14464", "tổ dân phố", "Tổ dân phố 1"),
    Village(3, "14464", "thôn", "Đông"),
    Village(4, "14464", "thôn", "Dông"),
]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Thôn 1", 1),
        ("tổ dân phố 1", 2),
        ("1", Unsure("locality_ambiguous", ("Thôn 1", "Tổ dân phố 1"))),
        ("Thôn Đông", 3),
        ("đông", 3),
        ("Thôn Đôg", Unsure("locality_unknown", ("Dông",))),
    ],
)
def test_a_locality_is_found_by_kind_and_marks(text: str, found: int | Unsure) -> None:
    assert find_village(VILLAGES, text) == found


def reader() -> RowReader:
    return RowReader(atlas("14464"), lambda _area: VILLAGES)


def test_a_row_becomes_a_person() -> None:
    person = reader().read(
        2,
        {
            "name": "Đinh Văn Lực",
            "phone": "0912345678",
            "email": "luc@Example.vn",
            "locality": "Thôn 1",
            "responsible": "có",
            "office": "Trưởng thôn",
            "external_id": "HD-01",
        },
    )
    assert isinstance(person, ContactRow)
    assert (person.name, person.area, person.locality, person.lang) == (
        "Đinh Văn Lực",
        "14464",
        1,
        "vi",
    )
    assert person.addresses == (
        ("phone", "+84912345678", "+84•••678"),
        ("email", "luc@example.vn", "l•••@example.vn"),
    )
    assert (person.responsible, person.office, person.external_id) == (True, "Trưởng thôn", "HD-01")


def test_a_row_reports_all_its_errors_at_once() -> None:
    errors = reader().read(7, {"name": "", "phone": "091", "area": "Hoa Lư", "lang": "?!x"})
    assert isinstance(errors, list)
    assert [(each.row, each.column, each.code) for each in errors] == [
        (7, "name", "name_missing"),
        (7, "lang", "lang_unknown"),
        (7, "phone", "phone_invalid"),
        (7, "area", "area_outside"),
    ]


def test_an_error_repeats_no_personal_data() -> None:
    given = {"name": "Bùi Thị Mật", "phone": "0912345", "email": "mat", "external_id": "0912345678"}
    errors = reader().read(2, given)
    assert isinstance(errors, list)
    assert len(errors) == 3
    assert [cell for cell in given.values() for each in errors if cell in str(each)] == []


def repeat(first: dict[str, str], second: dict[str, str]) -> ContactRow | list[RowError]:
    rows = reader()
    rows.read(2, first)
    rows.settle()
    return rows.read(9, second)


def test_an_id_that_comes_twice_names_the_first_row() -> None:
    one = {"name": "Lê Thị Na", "phone": "0912345678", "external_id": "HD-01"}
    found = repeat(one, {**one, "phone": "0912345679"})
    assert isinstance(found, list)
    assert (found[0].code, found[0].names) == ("external_id_repeated", ("dòng 2",))


def test_the_same_person_twice_is_reported() -> None:
    found = repeat(
        {"name": "Lê Thị Na", "phone": "0912345678"}, {"name": "LÊ THỊ NA", "phone": "+84912345678"}
    )
    assert isinstance(found, list)
    assert found[0].code == "row_repeated"


def test_people_of_one_household_may_share_a_phone() -> None:
    found = repeat(
        {"name": "Lê Thị Na", "phone": "0912345678"}, {"name": "Lê Văn Bé", "phone": "0912345678"}
    )
    assert isinstance(found, ContactRow)


def test_unknown_localities_are_counted_for_whoever_wants_to_create_them() -> None:
    rows = reader()
    for number in (2, 3):
        rows.read(number, {"name": "A", "phone": f"091234567{number}", "locality": "Thôn Mới"})
    assert rows.unknown_localities == {("14464", "Thôn Mới"): 2}


def test_what_was_seen_is_remembered_across_many_settlements() -> None:
    seen = Seen()
    for row in range(5_000):
        assert seen.first(f"key {row}", row) == row
        if row % 700 == 0:
            seen.settle()
    assert [seen.first(f"key {row}", 9_999) for row in range(5_000)] == list(range(5_000))


@pytest.mark.parametrize("code", ROW_ERRORS)
def test_every_error_says_what_is_wrong_and_what_to_do_in_two_languages(code: str) -> None:
    assert all(each.endswith(".") and len(each) > 10 for each in ROW_ERRORS[code])
