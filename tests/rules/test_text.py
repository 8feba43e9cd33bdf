"""Text is counted as carriers count it, and loses its accents completely."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.domain.text import Encoding, Parts, clean_sms, sms_parts, unaccent


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("a" * 160, Encoding.GSM7, 160, 1),
        ("a" * 161, Encoding.GSM7, 161, 2),
        ("a" * 306, Encoding.GSM7, 306, 2),
        ("a" * 307, Encoding.GSM7, 307, 3),
        ("à é ì ò ù", Encoding.GSM7, 9, 1),
        ("[{€}]", Encoding.GSM7, 10, 1),
        ("a" * 159 + "€", Encoding.GSM7, 161, 2),
        ("đ" * 70, Encoding.UCS2, 70, 1),
        ("đ" * 71, Encoding.UCS2, 71, 2),
        ("đ" * 134, Encoding.UCS2, 134, 2),
        ("đ" * 135, Encoding.UCS2, 135, 3),
        ("Nước lên báo động 3", Encoding.UCS2, 19, 1),
        ("À", Encoding.UCS2, 1, 1),
        ("🌊" * 35, Encoding.UCS2, 70, 1),
        ("", Encoding.GSM7, 0, 1),
    ],
)
def test_parts_are_counted(text: str, encoding: Encoding, units: int, parts: int) -> None:
    assert sms_parts(text) == Parts(encoding, units, parts)


def test_an_escape_is_not_divided_between_parts() -> None:
    assert sms_parts("a" * 152 + "€" + "a" * 152).parts == 3
    assert sms_parts("a" * 151 + "€" + "a" * 153).parts == 2


def test_a_surrogate_pair_is_not_divided_between_parts() -> None:
    assert sms_parts("đ" * 66 + "🌊" + "đ" * 66).parts == 3
    assert sms_parts("đ" * 65 + "🌊" + "đ" * 67).parts == 2


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_parts_have_room_for_the_text(text: str) -> None:
    counted = sms_parts(text)
    single, each = (160, 153) if counted.encoding is Encoding.GSM7 else (70, 67)
    room = single if counted.parts == 1 else counted.parts * each
    assert counted.units <= room
    assert counted.parts == 1 or counted.units > (counted.parts - 1) * (each - 1)


@pytest.mark.parametrize(
    ("given_text", "clean"),
    [
        (unicodedata.normalize("NFD", "Cảnh báo lũ"), "Cảnh báo lũ"),
        ("10\u00a0giờ\u202f30", "10 giờ 30"),
        ("lũ\u200b quét\ufeff", "lũ quét"),
        ("dòng 1\r\ndòng 2\rdòng 3 ", "dòng 1\ndòng 2\ndòng 3"),
    ],
)
def test_what_word_processors_leave_is_cleaned(given_text: str, clean: str) -> None:
    assert clean_sms(given_text) == clean


def test_decomposed_text_costs_no_more_once_cleaned() -> None:
    assert sms_parts(clean_sms(unicodedata.normalize("NFD", "à" * 160))).parts == 1


@pytest.mark.parametrize(
    ("accented", "plain"),
    [
        ("Đề nghị bà con di chuyển đến nơi an toàn", "De nghi ba con di chuyen den noi an toan"),
        ("ƯỠN NGƯỢC, khuỷu tay", "UON NGUOC, khuyu tay"),
        ("“Bão số 3” – gió giật…", '"Bao so 3" - gio giat...'),
        ("5.000₫", "5.000d"),
        (unicodedata.normalize("NFD", "đường"), "duong"),
    ],
)
def test_accents_are_taken_off(accented: str, plain: str) -> None:
    assert unaccent(accented) == plain


def test_every_vietnamese_letter_becomes_ascii() -> None:
    bases = "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
    tones = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    letters = [unicodedata.normalize("NFC", base + tone) for base in bases for tone in tones]
    assert unaccent("".join(letters) + "đĐ").isascii()
