"""What is written is spoken in full words, and in the same words everywhere.

The tables in `cases/` hold one promise a line: written, tab, spoken.
"""

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.speech.lint import DIGIT, lint
from dispatcher.speech.reading.abbreviations import TABLE, abbreviations
from dispatcher.speech.reading.document_codes import BODIES, TYPES
from dispatcher.speech.verbalise import verbalise

CASES = [
    pytest.param(*line.split("\t"), id=f"{table.stem}: {line.split(chr(9))[0]}")
    for table in sorted((Path(__file__).parent / "cases").glob("*.tsv"))
    for line in table.read_text("utf-8").splitlines()
]

LOOK_ALIKES = [
    ("decomposed letters of macOS", unicodedata.normalize("NFD", "mực nước đạt 3,5m")),
    ("non-breaking blanks of Word", "mực\u00a0nước đạt 3,5\u00a0m"),
    ("Icelandic eth for đ", "mực nước ðạt 3,5m"),
    ("zero-width blanks", "mực\u200b nước đạt 3,5m"),
]


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_the_tables_hold(written: str, spoken: str) -> None:
    assert verbalise(written) == spoken


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_nothing_in_the_tables_is_left_to_guess(written: str, spoken: str) -> None:
    assert lint(verbalise(written)) == []


def test_a_list_is_read_line_by_line_without_its_bullets() -> None:
    written = "- Thời gian: 20h-22h;\n+ Địa điểm: thôn 3\nKhông mang lửa"
    spoken = "Thời gian: từ hai mươi giờ đến hai mươi hai giờ;\nĐịa điểm: thôn ba.\nKhông mang lửa"
    assert verbalise(written) == spoken


def test_the_header_of_a_document_is_read_as_a_heading() -> None:
    assert verbalise("Số: 15/TB-UBND\nTHÔNG BÁO: V/v cấp nước") == (
        "Thông báo số mười lăm của Ủy ban nhân dân.\nthông báo: về việc cấp nước"
    )


@pytest.mark.parametrize(("written", "spoken"), CASES)
def test_spoken_text_is_spoken_unchanged(written: str, spoken: str) -> None:
    assert verbalise(spoken) == spoken


@pytest.mark.parametrize(("source", "written"), LOOK_ALIKES, ids=[name for name, _ in LOOK_ALIKES])
def test_invisible_differences_in_writing_are_not_heard(source: str, written: str) -> None:
    assert verbalise(written) == "mực nước đạt ba phẩy năm mét"


@given(st.text(alphabet="0123456789/.,:-–%°hgmkKđ ngàytừsố+()\nABCTĐ'", max_size=40))
def test_no_digit_survives_whatever_is_written(written: str) -> None:
    assert [finding for finding in lint(verbalise(written)) if finding.reason == DIGIT] == []


def test_a_grade_of_oil_is_not_taken_for_a_latitude() -> None:
    assert verbalise("dầu 0,05S") == "dầu không phẩy không năm S"


class TestOverrides:
    def test_win_over_the_governed_list(self) -> None:
        assert verbalise("UBND xã", {"UBND": "Ủy ban"}) == "Ủy ban xã"

    def test_settle_what_is_ambiguous(self) -> None:
        assert (
            verbalise("TT Y tế mở cửa 8h", {"TT": "Trung tâm"}) == "Trung tâm Y tế mở cửa tám giờ"
        )

    def test_longer_forms_come_first(self) -> None:
        overrides = {"TT": "trung tâm", "TT YT": "Trung tâm Y tế"}
        assert verbalise("TT YT", overrides) == "Trung tâm Y tế"

    def test_match_whole_words_only(self) -> None:
        assert verbalise("UBNDX", {"UBND": "Ủy ban"}) == "UBNDX"

    def test_are_spoken_as_given(self) -> None:
        assert verbalise("gặp BCA", {"BCA": "CLB An"}) == "gặp CLB An"


def test_every_spoken_word_of_the_governed_lists_can_be_read() -> None:
    spoken = [*abbreviations().values(), *TYPES.values(), *BODIES.values()]
    assert [words for words in spoken if lint(words)] == []


def test_no_abbreviation_is_listed_twice() -> None:
    rows = [line.split("\t")[0] for line in TABLE.read_text("utf-8").splitlines() if "\t" in line]
    assert sorted(rows) == sorted(set(rows))


def test_a_hundred_kilobytes_are_read_well_within_a_second() -> None:
    page = "\n".join(str(case.values[0]) for case in CASES)
    text = page * (100_000 // len(page.encode()) + 1)
    started = time.process_time()
    verbalise(text)
    assert time.process_time() - started < 1.0


def test_a_long_run_of_one_sign_costs_no_more_than_text() -> None:
    started = time.process_time()
    for sign in (
        "0",
        ".",
        ",",
        " ",
        "-",
        "/",
        "1.",
        "1,",
        "(",
        "A",
        "a.",
        "\n",
        "1 ",
        "1-",
        "X ",
        "0 ",
    ):
        verbalise(sign * 5_000)
    assert time.process_time() - started < 4.0
