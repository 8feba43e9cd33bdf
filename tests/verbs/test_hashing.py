"""Hashing passwords: parameters, strangers' tries, and how much of it goes on at once."""

from __future__ import annotations

import threading

import pytest

from dispatcher.domain.errors import TooMany
from dispatcher.signin.hashing import Passwords

PASSWORD = "đò ngang bến cũ chiều"


@pytest.fixture
def cheap() -> Passwords:
    return Passwords(memory_kib=64, passes=1)


def test_a_password_is_kept_as_the_documents_say() -> None:
    encoded = Passwords().encode(PASSWORD)
    assert encoded.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert Passwords().matches(encoded, PASSWORD)


def test_only_the_password_matches(cheap: Passwords) -> None:
    encoded = cheap.encode(PASSWORD)
    tries = (PASSWORD.upper(), PASSWORD[:-1], "", PASSWORD * 100)
    assert [cheap.matches(encoded, each) for each in tries] == [False] * 4


@pytest.mark.parametrize("tried", ["", "nobody", PASSWORD])
def test_nobody_has_no_password(cheap: Passwords, tried: str) -> None:
    assert not cheap.matches("", tried)


def test_a_stored_value_that_is_no_hash_matches_nothing(cheap: Passwords) -> None:
    assert not cheap.matches("x", "x")


def test_a_crowd_is_told_to_come_again(cheap: Passwords) -> None:
    encoded, done = cheap.encode(PASSWORD), []
    cheap._working.acquire()
    cheap._working.acquire()
    waiting = [
        threading.Thread(target=lambda: done.append(cheap.matches(encoded, PASSWORD)))
        for _ in range(6)
    ]
    for each in waiting:
        each.start()
    while cheap._inside._value:
        pass
    with pytest.raises(TooMany):
        cheap.matches(encoded, PASSWORD)
    cheap._working.release(2)
    for each in waiting:
        each.join()
    assert done == [True] * 6
    assert cheap.matches(encoded, PASSWORD)
