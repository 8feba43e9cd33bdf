"""Which logins and passwords are accepted, and how long wrong tries make one wait."""

from __future__ import annotations

import unicodedata

import pytest

from dispatcher.domain.errors import BadInput
from dispatcher.domain.lockout import OF_CLIENT, OF_LOGIN, Patience
from dispatcher.domain.logins import canonical, check_login, check_password

LOGIN, NAME = "binh.ducquang", "Trần Văn Bình"


@pytest.mark.parametrize(
    ("given", "login"),
    [("  Binh.DucQuang ", "binh.ducquang"), ("a1b", "a1b"), ("x" * 40, "x" * 40)],
)
def test_a_login_has_one_spelling(given: str, login: str) -> None:
    assert check_login(given) == login


@pytest.mark.parametrize("given", ["", "ab", "bình", "a b c", ".abc", "abc-", "a@b.vn", "x" * 41])
def test_other_logins_are_refused(given: str) -> None:
    with pytest.raises(BadInput, match="login"):
        check_login(given)


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("mười một ký", "password_length"),
        ("a" * 129, "password_length"),
        ("matkhau123456", "password_guessable"),
        ("Mật khẩu 2026!", "password_guessable"),
        ("MatKhauMatKhau", "password_guessable"),
        ("Vietnam@123456", "password_guessable"),
        ("anhyeuem-12345", "password_guessable"),
        ("iloveyou!!!!!!!", "password_guessable"),
        ("qwertyuiop1234", "password_guessable"),
        ("UBND 2026-2031", "password_guessable"),
        ("1234567890123", "password_guessable"),
        ("20/11/2026 07:30", "password_guessable"),
        ("aaaabbbbccccdddd", "password_guessable"),
        ("binh.ducquang", "password_guessable"),
        ("tranvanbinh1975", "password_guessable"),
        ("Trần Văn Bình 75", "password_guessable"),
    ],
)
def test_what_others_would_try_is_refused(password: str, code: str) -> None:
    with pytest.raises(BadInput) as refused:
        check_password(password, LOGIN, NAME)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "password",
    [
        "sông Lam nước xanh",
        "cau go qua suoi",
        "matkhau nao cho mua lu",
        "x9$Kp2!vQz7&",
        "ngày mưa Bình về quê ngoại",
    ],
)
def test_a_few_words_are_a_password(password: str) -> None:
    assert check_password(password, LOGIN, NAME) == password


def test_both_ways_of_composing_letters_are_the_same_password() -> None:
    spread = unicodedata.normalize("NFD", "đò ngang bến cũ")
    assert spread != "đò ngang bến cũ"
    assert canonical(spread) == canonical("đò ngang bến cũ")


@pytest.mark.parametrize(
    ("tries", "seconds"),
    [(0, 0), (4, 0), (5, 30), (6, 60), (7, 120), (9, 480), (10, 900), (11, 900), (10_000, 900)],
)
def test_each_wrong_try_after_the_fifth_doubles_the_wait(tries: int, seconds: int) -> None:
    assert OF_LOGIN.wait_ms(tries) == seconds * 1000


@pytest.mark.parametrize("patience", [OF_LOGIN, OF_CLIENT])
def test_no_wait_is_longer_than_a_quarter_of_an_hour(patience: Patience) -> None:
    assert max(patience.wait_ms(tries) for tries in range(200)) == 900_000
