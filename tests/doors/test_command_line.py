"""The command line: what cannot be done is said in two languages, and nothing is left half done."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from tests.doors.conftest import AGENCY, Ended, Loa

EXAMPLE = str(Path(__file__).parents[2] / "examples" / "water_cut.toml")
AUTHOR, APPROVER = "Nguyễn Thị Mai", "Trần Văn Bình"
SCHOOL = "Trường THCS Đức Quang"


def refused(ended: Ended, *signs: str) -> None:
    """Two sentences with these words in both, exit status 1, and no traceback."""
    lines = ended.err.strip().splitlines()
    assert (ended.status, len(lines)) == (1, 2), ended
    vietnamese, english = lines
    assert vietnamese.startswith("Lỗi")
    assert english.startswith("Error")
    for sign in signs:
        assert sign in vietnamese
        assert sign in english


def take_in(loa: Loa, folder: Path, *words: str) -> None:
    """One person, so that somebody is in the audience."""
    (folder / "ds.csv").write_text("Họ tên,Điện thoại\nLê Thị Na,0912345678\n")
    assert loa("import", "contacts", "ds.csv", "--synthetic", *words).status == 0


def count(folder: Path, table: str, where: str = "1=1") -> int:
    engine = create_engine(f"sqlite:///{folder / 'data' / 'loa.db'}")
    with engine.connect() as conn:
        found = conn.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}"))  # noqa: S608
    engine.dispose()
    return int(found or 0)


# --- what the machine refuses


def test_an_empty_database_names_the_two_commands(loa: Loa) -> None:
    refused(loa("status", "1"), "loa init", "loa migrate")


def test_a_database_out_of_reach_is_named_without_its_password(
    loa: Loa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOA_DATABASE_URL", "postgresql://loa:matkhau@127.0.0.1:9/loa")
    monkeypatch.setenv("LOA_ROOT_KEY", "A" * 43 + "=")
    ended = loa("status", "1")
    refused(ended, "LOA_DATABASE_URL", "127.0.0.1:9/loa")
    assert "matkhau" not in ended.err


def test_a_wrong_setting_is_named_and_its_value_is_not_repeated(
    loa: Loa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOA_PORT", "mot-bi-mat")
    ended = loa("status", "1")
    refused(ended, "LOA_PORT")
    assert "mot-bi-mat" not in ended.err


def test_an_unknown_name_in_the_file_of_settings_is_named(loa: Loa, tmp_path: Path) -> None:
    (tmp_path / "loa.env").write_text("LOA_DATABSE_URL=sqlite:///x.db\n")
    refused(loa("status", "1"), "LOA_DATABSE_URL")


def test_a_port_that_is_taken_is_named(loa: Loa) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        refused(loa("serve", "--port", port), f"LOA_PORT={port}")


def test_a_folder_that_is_a_file_is_named(loa: Loa, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    refused(loa("migrate"), str(tmp_path / "data"))


def test_a_bulletin_in_another_encoding_is_refused(begin: Loa, loa: Loa, tmp_path: Path) -> None:
    begin("--kind", "test")
    (tmp_path / "tin.toml").write_bytes('kind = "Thông báo"'.encode("utf-16"))
    refused(loa("preview", "tin.toml"), "UTF-8")


def test_a_text_without_a_word_is_not_spoken(loa: Loa) -> None:
    refused(loa("speech", "say", "…", "x.mp3"), "text")


def test_the_origin_of_an_error_is_shown_to_who_asks(
    loa: Loa, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOA_DEBUG", "1")
    with pytest.raises(SQLAlchemyError):
        loa("status", "1")


# --- loa init, loa key, loa check


def test_everybody_gets_a_key_of_the_databases_mode(begin: Loa) -> None:
    keys = [line.split(": ") for line in begin("--kind", "demo").out.splitlines()]
    assert [name for name, _ in keys] == [AUTHOR, APPROVER]
    assert all(key.startswith("loa_test_") for _, key in keys)


def test_an_unknown_role_is_refused_with_those_there_are(begin: Loa, tmp_path: Path) -> None:
    refused(begin(accounts=("Lê Văn An:Chuyên viên:boss",)), "boss", "author", "approver")
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("words", "agency", "sign"),
    [
        ((), AGENCY, AGENCY),
        (("--parent", "Ủy ban nhân dân tỉnh Không Có"), "Trường học", "Không Có"),
        (("--kind", "production"), "Trường học", "'test'"),
        (("--area", "99999"), "Trường học", "99999"),
    ],
    ids=["again", "no parent", "other kind", "no area"],
)
def test_a_second_agency_must_fit_what_is_there(
    begin: Loa, tmp_path: Path, words: tuple[str, ...], agency: str, sign: str
) -> None:
    begin("--kind", "test")
    before = count(tmp_path, "account")
    refused(begin("--kind", "test", *words, agency=agency), sign)
    assert (count(tmp_path, "account"), count(tmp_path, "agency")) == (before, 1)


def test_no_live_key_on_a_database_that_nothing_live_may_leave(begin: Loa, loa: Loa) -> None:
    begin("--kind", "demo")
    refused(loa("key", "add", APPROVER, "--mode", "live", "--as", AUTHOR), "demo", "--mode test")
    assert loa("key", "add", APPROVER, "--as", AUTHOR).out.startswith("loa_test_")


def test_check_says_what_to_do_first(loa: Loa) -> None:
    ended = loa("check", "--json")
    assert ended.status == 1
    (shape,) = [each for each in ended.told if each["en"]]
    assert shape["what"] == "shape"
    assert "loa init" in shape["vi"]
    assert "loa init" in shape["en"]


def test_check_is_content_with_a_new_installation(begin: Loa, loa: Loa) -> None:
    begin("--kind", "test")
    ended = loa("check")
    assert (ended.status, ended.out.count("✗")) == (0, 0)


def test_check_names_what_would_keep_production_from_starting(begin: Loa, loa: Loa) -> None:
    begin("--kind", "production")
    ended = loa("check")
    assert ended.status == 1
    assert "LOA_PUBLIC_URL" in ended.out
    assert "LOA_ORIGIN" in ended.out


# --- localities and lists


@pytest.mark.parametrize("name", ["Đông", "thôn đông", "Thon Dong"])
def test_a_locality_is_added_once(begin: Loa, loa: Loa, tmp_path: Path, name: str) -> None:
    begin("--kind", "test")
    assert loa("locality", "add", "Thôn Đông", "Thôn 1", "Tổ dân phố 1", "--as", AUTHOR).status == 0
    refused(loa("locality", "add", "Thôn Mới", name, "--as", AUTHOR), "'Thôn Đông'", f"'{name}'")
    assert count(tmp_path, "locality") == 3


def test_row_errors_are_told_in_both_languages_under_the_columns_heading(
    begin: Loa, loa: Loa, tmp_path: Path
) -> None:
    begin("--kind", "test")
    (tmp_path / "ds.csv").write_text("Họ tên,Số điện thoại,Thôn\nLê Thị Na,123,Xyz\n")
    ended = loa("import", "contacts", "ds.csv", "--as", AUTHOR)
    assert "dòng 2, cột 'Điện thoại'" in ended.err
    assert "row 2, column 'Điện thoại'" in ended.err
    assert "The commune has no such locality. Correct" in ended.err
    assert "Gần giống" not in ended.err
    again = loa("import", "contacts", "ds.csv", "--as", AUTHOR, "--json")
    told = again.told["errors"]
    assert {each["heading"] for each in told} == {"Điện thoại", "Thôn"}
    assert all(each["en"] and each["remedy_en"] and each["remedy_vi"] for each in told)


# --- who acts, and what starts


def test_a_channel_without_a_route_is_told_before_anything_is_written(
    begin: Loa, loa: Loa, tmp_path: Path
) -> None:
    begin("--kind", "test")
    take_in(loa, tmp_path, "--as", AUTHOR)
    words = ("--channels", "sms", "--as", AUTHOR, "--yes")
    refused(loa("send", EXAMPLE, *words, "--approver", APPROVER), "sms", "loa route add")
    assert count(tmp_path, "approval") == 0
    assert loa("send", EXAMPLE, *words).status == 0
    refused(loa("approve", "1", "--as", APPROVER, "--start-as", AUTHOR), "sms")
    assert count(tmp_path, "approval", "state = 'submitted'") == 1


@pytest.mark.parametrize("at", ["2020-01-01T07:00", "+0m"])
def test_nothing_is_sent_in_the_past(begin: Loa, loa: Loa, tmp_path: Path, at: str) -> None:
    begin("--kind", "test")
    refused(loa("send", EXAMPLE, "--channels", "sms", "--as", AUTHOR, "--at", at), "--at")
    assert count(tmp_path, "bulletin") == 0


def test_of_two_people_of_one_name_the_agency_says_who_acts(
    begin: Loa, loa: Loa, tmp_path: Path
) -> None:
    begin("--kind", "test")
    begin("--kind", "test", agency=SCHOOL)
    take_in(loa, tmp_path, "--as", AUTHOR, "--agency", SCHOOL)
    words = ("send", EXAMPLE, "--channels", "sms", "--as", AUTHOR)
    refused(loa(*words), "--agency", AGENCY, SCHOOL)
    refused(loa(*words, "--agency", "Trường Không Có"), AUTHOR)
    assert loa(*words, "--agency", SCHOOL).status == 0
    refused(loa("approve", "1", "--as", APPROVER), "--agency", AGENCY, SCHOOL)
    assert loa("approve", "1", "--as", APPROVER, "--agency", AGENCY).status == 1
    assert loa("approve", "1", "--as", APPROVER, "--agency", SCHOOL).status == 0
