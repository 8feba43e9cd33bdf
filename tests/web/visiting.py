"""Ways into the console: quickly, with a session made in the ledger, or as people do it."""

from __future__ import annotations

import re
import secrets
import time

import pyotp
from starlette.testclient import TestClient

from dispatcher.domain.authority import Term
from dispatcher.ledger import credentials, desk, grants, registry, sessions
from dispatcher.ledger.grants import NewGrant
from dispatcher.ledger.sessions import NewSession
from dispatcher.signin import changing
from dispatcher.signin.gate import Gate, gate
from tests.web.world import PUBLIC_URL, World

OWN = {"Origin": PUBLIC_URL}
PASSWORD = "đò ngang bến cũ chiều"


def session_of(world: World, who: str, *, strong: bool = True) -> NewSession:
    """A session that stands in the ledger."""
    with world.runtime.ledger.begin() as conn:
        actor = registry.actor(conn, world.accounts[who], "test")
        assert actor is not None
        made = NewSession(
            secret=secrets.token_urlsafe(32),
            csrf=secrets.token_urlsafe(32),
            account=actor.account,
            agency=actor.agency,
            mode="test",
            strong=strong,
            device="Firefox, Linux",
            until=desk.now(conn) + 3_600_000,
        )
        sessions.start(conn, made)
    return made


def sign_in(client: TestClient, world: World, who: str, *, strong: bool = True) -> NewSession:
    """Let the client be somebody, with the token that their pages would send."""
    made = session_of(world, who, strong=strong)
    carry(client, made.secret)
    client.headers["X-CSRF-Token"] = made.csrf
    return made


def carry(client: TestClient, secret: str = "") -> None:
    """Let the client have this session's cookie, or none, whoever set the one before."""
    for each in list(client.cookies.jar):
        if each.name == "loa":
            client.cookies.jar.clear(each.domain, each.path, each.name)
    if secret:
        client.cookies.set("loa", secret)


def gate_of(world: World) -> Gate:
    return gate(world.runtime.ledger, lambda: world.runtime.gateway_secret)


def give_login(world: World, who: str, password: str = PASSWORD) -> str:
    """A login and a password for somebody of the world; the login is who they are."""
    with world.runtime.ledger.begin() as conn:
        credentials.add(conn, world.accounts[who], who, desk.now(conn))
    changing.store(gate_of(world), world.accounts[who], password, by=0)
    return who


def appoint(world: World, who: str, agency_of: str) -> None:
    """Make somebody administrator of somebody's agency."""
    with world.runtime.ledger.begin() as conn:
        place = registry.actor(conn, world.accounts[agency_of], "test")
        assert place is not None
        now = desk.now(conn)
        new = NewGrant(world.accounts[who], place.agency, "administrator", Term(now, None, "QĐ 1"))
        grants.give(conn, new, by=0, now=now)


def knock(client: TestClient, login: str, password: str = PASSWORD):  # type: ignore[no-untyped-def]
    """Sign in as a browser without a session would; the answer before any redirection."""
    carry(client)
    form = {"login": login, "password": password}
    return client.post("/console/sign-in", data=form, headers=OWN, follow_redirects=False)


def token_in(page: str) -> str:
    """The session's token as a page's forms send it."""
    found = re.search(r'name="csrf" value="([^"]*)"', page)
    assert found
    return found[1]


def code(secret: str, steps: int = 0) -> str:
    """What an authenticator shows now, or so many half minutes later."""
    return pyotp.TOTP(secret).at(int(time.time()), counter_offset=steps)
