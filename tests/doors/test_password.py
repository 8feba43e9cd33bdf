"""``loa password`` and ``loa unlock``: the first way in, and the last one."""

from __future__ import annotations

import io
import sys

import pytest
from starlette.testclient import TestClient

import api
from dispatcher import bootstrap
from tests.doors.conftest import Ended, Loa

OWN = {"Origin": "http://127.0.0.1:8080"}
PASSWORD = "đò ngang bến cũ chiều"


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, loa: Loa):  # type: ignore[no-untyped-def]
    """said('line', 'password', …): the command with a line on its standard input."""

    def run(line: str, *words: str) -> Ended:
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{line}\n"))
        return loa(*words)

    return run


def status(login: str, password: str) -> int:
    """What signing in answers before any redirection."""
    runtime = bootstrap.build()
    try:
        with TestClient(api.create_app(runtime), base_url="http://127.0.0.1:8080") as client:
            form = {"login": login, "password": password}
            answer = client.post("/console/sign-in", data=form, headers=OWN, follow_redirects=False)
            return answer.status_code
    finally:
        runtime.close()


def test_a_new_installation_signs_in_with_a_browser(begin: Loa, said) -> None:  # type: ignore[no-untyped-def]
    begin()
    made = said(PASSWORD, "password", "Binh", "--account", "Trần Văn Bình")
    assert (made.status, "'binh'" in made.out) == (0, True)
    assert PASSWORD not in made.out
    assert status("binh", PASSWORD) == 303


def test_a_link_is_printed_and_another_voids_it(begin: Loa, loa: Loa) -> None:
    begin()
    asked = ("password", "binh", "--link")
    first = loa(*asked, "--account", "Trần Văn Bình").out.strip()
    second = loa(*asked).out.strip()
    runtime = bootstrap.build()
    with TestClient(api.create_app(runtime), base_url="http://127.0.0.1:8080") as client:
        answers = [client.get(link).status_code for link in (first, second)]
    runtime.close()
    assert answers == [401, 200]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("password", "khong.co"), "LOGIN"),
        (("password", "bình"), "login"),
        (("password", "binh", "--account", "Không Có Ai"), "account"),
        (("unlock", "khong.co"), "LOGIN"),
    ],
)
def test_what_cannot_be_is_said_in_two_languages(
    begin: Loa,
    said,
    words: tuple[str, ...],
    code: str,  # type: ignore[no-untyped-def]
) -> None:
    begin()
    ended = said(PASSWORD, *words)
    assert ended.status == 1
    assert ended.err.startswith("Lỗi")
    assert "\nError" in ended.err
    assert code in ended.err


def test_a_weak_password_is_refused_and_the_login_can_be_tried_again(begin: Loa, said) -> None:  # type: ignore[no-untyped-def]
    begin()
    words = ("password", "binh", "--account", "Trần Văn Bình")
    assert said("matkhau123456", *words).status == 1
    assert said(PASSWORD, *words).status == 0


def test_a_login_is_not_taken_from_its_owner(begin: Loa, said) -> None:  # type: ignore[no-untyped-def]
    begin()
    said(PASSWORD, "password", "binh", "--account", "Trần Văn Bình")
    assert said(PASSWORD, "password", "binh", "--account", "Nguyễn Thị Mai").status == 1


def test_unlocking_ends_the_wait(begin: Loa, loa: Loa, said) -> None:  # type: ignore[no-untyped-def]
    begin()
    said(PASSWORD, "password", "binh", "--account", "Trần Văn Bình")
    assert [status("binh", "sai mật khẩu rồi") for _ in range(5)] == [401] * 5
    assert status("binh", PASSWORD) == 401
    assert loa("unlock", "binh").status == 0
    assert status("binh", PASSWORD) == 303
