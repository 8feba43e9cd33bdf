"""Credentials, sessions and counted tries as both databases keep them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, update

from dispatcher.domain.errors import Conflict
from dispatcher.domain.lockout import OF_LOGIN
from dispatcher.ledger import credentials, desk, sessions, throttles
from dispatcher.ledger.sessions import NewSession
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import account, credential, session
from tests.ledger import world as worlds
from tests.ledger.world import World

IDLE_MS = 7_200_000


@pytest.fixture
def world(ledger: Ledger) -> World:
    made = worlds.make(ledger)
    with ledger.begin() as conn:
        credentials.add(conn, made.approver.account, "quyet", 1)
    return made


def begun(ledger: Ledger, world: World, secret: str, *, strong: bool = False) -> NewSession:
    with ledger.begin() as conn:
        until = desk.now(conn) + 43_200_000
        new = NewSession(
            secret, "csrf", world.approver.account, world.commune, "test", strong, "Chrome", until
        )
        sessions.start(conn, new)
    return new


def found(ledger: Ledger, secret: str) -> sessions.Session | None:
    with ledger.read() as conn:
        return sessions.actor(conn, secret, idle_ms=IDLE_MS)


# --- sessions


def test_a_session_is_its_account_s_and_its_secret_is_not_stored(
    ledger: Ledger, world: World
) -> None:
    begun(ledger, world, "bi-mat", strong=True)
    mine = found(ledger, "bi-mat")
    assert mine is not None
    assert mine.actor == replace(world.approver, mode="test")
    with ledger.read() as conn:
        assert b"bi-mat" not in [bytes(row.digest) for row in conn.execute(select(session))]


def test_a_session_without_the_second_factor_has_no_strong_role(
    ledger: Ledger, world: World
) -> None:
    begun(ledger, world, "bi-mat")
    mine = found(ledger, "bi-mat")
    assert mine is not None
    assert mine.actor.roles == {"withheld:approver"}
    assert not mine.awaits_code


def test_who_has_enrolled_is_asked_for_the_code(ledger: Ledger, world: World) -> None:
    begun(ledger, world, "bi-mat")
    with ledger.begin() as conn:
        credentials.set_second_factor(conn, ledger.vault, world.approver.account, "AAAA", 1, [])
    mine = found(ledger, "bi-mat")
    assert mine is not None
    assert mine.awaits_code


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        (update(session).values(until=1), "over"),
        (update(session).values(seen_at=session.c.seen_at - IDLE_MS - 1), "over"),
        (update(session).values(ended_at=1), "ended"),
        (update(account).values(closed_at=1), "over"),
    ],
    ids=["too old", "unused", "ended", "account closed"],
)
def test_a_session_ends(ledger: Ledger, world: World, statement, why: str) -> None:  # type: ignore[no-untyped-def]
    begun(ledger, world, "bi-mat")
    with ledger.begin() as conn:
        conn.execute(statement)
    assert found(ledger, "bi-mat") is None
    with ledger.read() as conn:
        told = sessions.why_not(conn, "bi-mat")
    assert told == (f"account:{world.approver.account}", why)


def test_ending_all_but_one_keeps_that_one(ledger: Ledger, world: World) -> None:
    for secret in ("mot", "hai", "ba"):
        begun(ledger, world, secret)
    kept = found(ledger, "hai")
    assert kept is not None
    with ledger.begin() as conn:
        sessions.end_all(conn, world.approver.account, but=kept.digest)
    assert [found(ledger, each) is not None for each in ("mot", "hai", "ba")] == [
        False,
        True,
        False,
    ]


def test_nobody_ends_another_s_session(ledger: Ledger, world: World) -> None:
    begun(ledger, world, "bi-mat")
    mine = found(ledger, "bi-mat")
    assert mine is not None
    with ledger.begin() as conn:
        assert not sessions.end_one(conn, world.author.account, mine.number)
        assert sessions.end_one(conn, world.approver.account, mine.number)
    assert found(ledger, "bi-mat") is None


# --- credentials


def test_a_login_is_one_account_s(ledger: Ledger, world: World) -> None:
    for who, login in ((world.author.account, "quyet"), (world.approver.account, "khac")):
        with ledger.begin() as conn, pytest.raises(Conflict):
            credentials.add(conn, who, login, 2)


def test_a_second_factor_opens_for_its_own_account_only(ledger: Ledger, world: World) -> None:
    with ledger.begin() as conn:
        credentials.add(conn, world.author.account, "hanh", 1)
        credentials.set_second_factor(conn, ledger.vault, world.approver.account, "AAAA", 1, [])
        own = credentials.of_account(conn, world.approver.account)
        assert own is not None
        assert credentials.second_factor(ledger.vault, own) == "AAAA"
        conn.execute(update(credential).values(totp=own.totp))
        moved = credentials.of_account(conn, world.author.account)
        assert moved is not None
        with pytest.raises(InvalidTag):
            credentials.second_factor(ledger.vault, moved)


def test_a_step_is_used_once_and_an_earlier_one_not_at_all(ledger: Ledger, world: World) -> None:
    with ledger.begin() as conn:
        used = [credentials.use_step(conn, world.approver.account, each) for each in (7, 7, 6, 8)]
    assert used == [True, False, False, True]


def test_a_spare_code_is_used_once(ledger: Ledger, world: World) -> None:
    who = world.approver.account
    with ledger.begin() as conn:
        credentials.set_second_factor(conn, ledger.vault, who, "AAAA", 1, ["MOT", "HAI"])
        used = [credentials.use_spare(conn, ledger.vault, who, each) for each in ("HAI", "HAI")]
        row = credentials.of_account(conn, who)
    assert used == [True, False]
    assert row is not None
    assert "MOT" not in str(row.recovery)


def test_of_two_changes_of_a_password_one_counts(ledger: Ledger, world: World) -> None:
    who = world.approver.account
    with ledger.begin() as conn:
        first = credentials.set_password(conn, who, "một", was=1, now=5)
        second = credentials.set_password(conn, who, "hai", was=1, now=5)
    assert (first, second) == (True, False)


# --- counted tries


def test_many_tries_at_once_are_no_more_than_many_in_turn(ledger: Ledger) -> None:
    row = throttles.key(ledger.vault, "login", "binh")

    def knock(_number: int) -> bool:
        with ledger.begin() as conn:
            return throttles.take(conn, row, OF_LOGIN, desk.now(conn)).allowed

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(knock, range(24))) == OF_LOGIN.free


def test_tries_and_successes_at_once_are_all_answered(ledger: Ledger) -> None:
    row = throttles.key(ledger.vault, "login", "binh")

    def knock(_number: int) -> int:
        with ledger.begin() as conn:
            taken = throttles.take(conn, row, OF_LOGIN, desk.now(conn))
        with ledger.begin() as conn:
            throttles.forget(conn, row)
        return taken.count

    with ThreadPoolExecutor(8) as crowd:
        counts = list(crowd.map(knock, range(64)))
    assert len(counts) == 64
    assert max(counts) <= OF_LOGIN.free


def test_a_free_try_that_waited_for_the_row_is_free(ledger: Ledger) -> None:
    row = throttles.key(ledger.vault, "login", "binh")
    with ledger.begin() as conn:
        tries = [throttles.take(conn, row, OF_LOGIN, now) for now in (1_000, 999, 998)]
    assert [each.allowed for each in tries] == [True] * 3


def test_a_refused_try_prolongs_nothing_and_a_day_forgets(ledger: Ledger) -> None:
    row, day = throttles.key(ledger.vault, "login", "binh"), 86_400_000
    with ledger.begin() as conn:
        for _ in range(OF_LOGIN.free):
            last = throttles.take(conn, row, OF_LOGIN, 1_000)
        refused = [throttles.take(conn, row, OF_LOGIN, at) for at in (2_000, 20_000, 30_999)]
        assert not any(each.allowed for each in refused)
        assert {each.next_at for each in refused} == {last.next_at} == {31_000}
        assert throttles.take(conn, row, OF_LOGIN, 31_000).count == OF_LOGIN.free + 1
        assert throttles.take(conn, row, OF_LOGIN, 31_000 + day).count == 1


def test_keys_of_tries_say_nothing(ledger: Ledger) -> None:
    assert b"binh" not in throttles.key(ledger.vault, "login", "binh")
    kinds = {throttles.key(ledger.vault, kind, "binh") for kind in ("login", "client", "device")}
    assert len(kinds) == 3
