"""Lint reports what a synthesiser would have to guess, and nothing else."""

import pytest

from dispatcher.speech.lint import ABBREVIATION, DIGIT, FOREIGN, SIGN, Finding, lint
from dispatcher.speech.verbalise import verbalise

REPORTED = [
    ("còn 3 hộ", Finding(4, "3", DIGIT)),
    ("xã/phường", Finding(2, "/", SIGN)),
    ("gửi @ xã", Finding(4, "@", SIGN)),
    ("Ban QLXD họp", Finding(4, "QLXD", ABBREVIATION)),
    ("TT Y tế", Finding(0, "TT", ABBREVIATION)),
    ("phần mềm iOffice", Finding(9, "iOffice", ABBREVIATION)),
    ("họp qua Teams", Finding(8, "Teams", FOREIGN)),
    ("xe Ford", Finding(3, "Ford", FOREIGN)),
    ("khoản b", Finding(6, "b", FOREIGN)),
    ("mã nhtg", Finding(3, "nhtg", FOREIGN)),
]
ACCEPTED = [
    "Ủy ban nhân dân xã Hương Sơn thông báo: nước sông đang lên.",
    "Bà con thôn Đoài, hòa và hoà, thuỷ và thủy, quý và quí!",
    "nghiêng ngả, khuya khoắt, giặt giũ, gì, quyết, quỳnh, oẳn tù tì, xoong, huơ, yếu, yến",
    "ki-lô-mét, mi-li-mét, vắc-xin, da-lô",
    "Đắk Lắk, Krông Pắk, Pleiku, Kon Tum, Ê Đê",
    "",
]


@pytest.mark.parametrize(("spoken", "finding"), REPORTED)
def test_what_must_be_guessed_is_reported_with_its_place(spoken: str, finding: Finding) -> None:
    assert lint(spoken) == [finding]


@pytest.mark.parametrize("spoken", ACCEPTED)
def test_vietnamese_is_not_reported(spoken: str) -> None:
    assert lint(spoken) == []


def test_an_override_allows_the_word_that_an_agency_chose() -> None:
    overrides = {"Teams": "Teams"}
    assert lint(verbalise("họp qua Teams", overrides), overrides) == []


def test_no_override_allows_a_digit() -> None:
    overrides = {"Q9": "quận 9"}
    assert [f.reason for f in lint(verbalise("ở Q9", overrides), overrides)] == [DIGIT]


def test_an_ambiguous_abbreviation_is_left_for_the_author() -> None:
    assert [f.text for f in lint(verbalise("TT và CN họp"))] == ["TT", "CN"]
