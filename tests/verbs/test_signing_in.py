"""Signing in on both kinds of database, and what happens at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyotp
import pytest

from dispatcher.domain import second_factor
from dispatcher.domain.errors import Conflict, LoaError, TooMany, Unauthorised
from dispatcher.ledger import credentials, desk, sessions
from dispatcher.ledger.sessions import NewSession, Session
from dispatcher.ledger.store import Ledger
from dispatcher.signin import recovery
from dispatcher.signin.changing import store
from dispatcher.signin.entering import sign_in
from dispatcher.signin.gate import Client, Gate
from dispatcher.signin.hashing import Passwords
from dispatcher.signin.proving import enrol, show_code
from tests.ledger import world as worlds
from tests.ledger.world import World

PASSWORD = "đò ngang bến cũ chiều"
HERE = Client("203.0.113.7")


@pytest.fixture
def world(ledger: Ledger) -> World:
    return worlds.make(ledger)


@pytest.fixture
def gate(ledger: Ledger, world: World) -> Gate:
    """The approver has a login and a password."""
    made = Gate(ledger, Passwords(memory_kib=64, passes=1), lambda: bytes(32))
    with ledger.begin() as conn:
        credentials.add(conn, world.approver.account, "quyet", 1)
    store(made, world.approver.account, PASSWORD, by=0)
    return made


def begun(gate: Gate, world: World) -> Session:
    with gate.ledger.begin() as conn:
        until = desk.now(conn) + 3_600_000
        who = world.approver
        sessions.start(
            conn, NewSession("s", "c", who.account, who.agency, "test", False, "", until)
        )
    return standing(gate)


def standing(gate: Gate) -> Session:
    with gate.ledger.read() as conn:
        found = sessions.actor(conn, "s", idle_ms=3_600_000)
    assert found is not None
    return found


def now_shown(gate: Gate, secret: str, steps: int = 0) -> str:
    with gate.ledger.read() as conn:
        return pyotp.TOTP(secret).at(desk.now(conn) // 1000, counter_offset=steps)


def at_once(times: int, act: Callable[[], object]) -> list[str]:
    """The codes of what each of several at the same moment was refused with; "" for done."""

    def one(_number: int) -> str:
        try:
            act()
        except LoaError as error:
            return error.code
        return ""

    with ThreadPoolExecutor(times) as crowd:
        return sorted(crowd.map(one, range(times)))


def test_a_password_a_code_and_a_spare_one(gate: Gate, world: World) -> None:
    assert sign_in(gate, "QUYET", PASSWORD, HERE) == world.approver.account
    secret = second_factor.new_secret()
    spares = enrol(gate, begun(gate, world), secret, now_shown(gate, secret, -1), PASSWORD)
    assert standing(gate).awaits_code
    show_code(gate, standing(gate), now_shown(gate, secret))
    show_code(gate, standing(gate), spares[0])
    for used in (now_shown(gate, secret), spares[0]):
        with pytest.raises(Unauthorised):
            show_code(gate, standing(gate), used)


def test_of_many_with_one_code_one_gets_in(gate: Gate, world: World) -> None:
    secret = second_factor.new_secret()
    enrol(gate, begun(gate, world), secret, now_shown(gate, secret, -1), PASSWORD)
    session, code = standing(gate), now_shown(gate, secret)
    refused = at_once(4, lambda: show_code(gate, session, code))
    assert refused == ["", "wrong_code", "wrong_code", "wrong_code"]


def test_of_many_with_one_spare_code_one_gets_in(gate: Gate, world: World) -> None:
    secret = second_factor.new_secret()
    spares = enrol(gate, begun(gate, world), secret, now_shown(gate, secret), PASSWORD)
    session = standing(gate)
    refused = at_once(4, lambda: show_code(gate, session, spares[5]))
    assert refused == ["", "wrong_code", "wrong_code", "wrong_code"]


def test_of_many_with_one_ticket_one_sets_the_password(gate: Gate, world: World) -> None:
    with gate.ledger.begin() as conn:
        row = credentials.by_login(conn, "quyet")
        assert row is not None
        ticket = recovery.issue(gate, conn, row, by=0)
    refused = at_once(3, lambda: recovery.redeem(gate, ticket, "chợ quê họp sớm"))
    assert refused == ["", "ticket_over", "ticket_over"]
    assert sign_in(gate, "quyet", "chợ quê họp sớm", HERE) == world.approver.account


def test_a_crowd_of_guesses_is_no_more_than_five(gate: Gate, world: World) -> None:
    guesses = at_once(6, lambda: sign_in(gate, "quyet", "đoán mò lần này", HERE))
    assert set(guesses) <= {"wrong_login", "sign_in_busy"}
    for _ in range(5):
        with pytest.raises((Unauthorised, TooMany)):
            sign_in(gate, "quyet", "đoán mò lần nữa", HERE)
    with pytest.raises(Unauthorised):
        sign_in(gate, "quyet", PASSWORD, HERE)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("testclient", "testclient"),
    ],
)
def test_addresses_are_counted_by_household(address: str, network: str) -> None:
    assert Client(address).network == network


def test_who_has_no_login_has_nothing_to_change(gate: Gate, world: World) -> None:
    with pytest.raises(Conflict, match="no login"):
        store(gate, world.author.account, PASSWORD, by=0)
