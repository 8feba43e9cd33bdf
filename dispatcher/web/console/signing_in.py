"""The pages on the way in and out: password, code, recovery, view links."""

import re
import secrets
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Form, Query, Response
from fastapi.responses import RedirectResponse

from dispatcher.domain import second_factor
from dispatcher.domain.errors import BadInput, Unauthorised
from dispatcher.ledger import credentials, desk, sessions
from dispatcher.signin import devices, recovery
from dispatcher.signin.entering import sign_in
from dispatcher.signin.proving import show_code
from dispatcher.web import tickets
from dispatcher.web.console.door import CORRECTABLE, KNOWN, At, Door
from dispatcher.web.console.session import Current, begin, cookie, https

router = APIRouter(prefix="/console", include_in_schema=False)

#: Databases that a view link opens: nothing live leaves them.
_FOR_VIEWING = ("demo", "test")

Login = Annotated[str, Form(max_length=100)]
Secret = Annotated[str, Form(max_length=500)]


#: A page of the console, without a query: nobody is led anywhere else.
_PAGE = re.compile(r"/console(/[\w-]+)*")

#: Where somebody wanted to go before they were asked to sign in.
To = Annotated[str, Query(max_length=200)]
SentTo = Annotated[str, Form(max_length=200)]


@router.get("/sign-in")
def ask(at: At, to: To = "") -> Response:
    return at.page("sign_in.html", {"login": "", "to": to})


@router.post("/sign-in")
def enter(at: At, login: Login, password: Secret, to: SentTo = "") -> Response:
    """Start a session for the account whose login and password these are."""
    try:
        account = sign_in(at.gate, login, password, at.client)
    except CORRECTABLE as error:
        return at.page("sign_in.html", {"login": login, "to": to}, error)
    with at.here.ledger.read() as conn:
        row = credentials.of_account(conn, account)
    return _come_in(at, account, row.login if row else "", to)


@router.get("/welcome")
def welcome(current: Current, to: To = "") -> Response:
    """Where somebody goes who has just signed in: to the code, to enrolment, or to work."""
    return RedirectResponse(_next(current, to), 303)


def _next(current: Current, to: str) -> str:
    if current is None:
        return "/console/sign-in"
    if current.awaits_code:
        return f"/console/second-factor?to={quote(to)}"
    if second_factor.lacking(current.actor.roles):
        return "/console/account/second-factor"
    return _inside(to)


def _inside(to: str) -> str:
    return to if _PAGE.fullmatch(to) else "/console"


@router.get("/second-factor")
def ask_code(at: At, current: Current, to: To = "") -> Response:
    if current is None or not current.awaits_code:
        return RedirectResponse("/console/welcome", 303)
    return at.page("second_factor.html", {"to": to})


@router.post("/second-factor")
def take_code(at: At, current: Current, code: Secret, to: SentTo = "") -> Response:
    """Replace the session by a strong one."""
    if current is None or not current.awaits_code:
        return RedirectResponse("/console/welcome", 303)
    try:
        show_code(at.gate, current, code)
    except CORRECTABLE as error:
        return at.page("second_factor.html", {"to": to}, error)
    return begin(at.here, at.request, current.actor.account, _inside(to), strong=True)


@router.get("/recover")
def ask_new(at: At, ticket: str = "") -> Response:
    try:
        row = recovery.owner(at.gate, ticket)
    except Unauthorised as error:
        return at.page("sign_in.html", {"login": "", "to": ""}, error)
    return at.page("recover.html", {"ticket": ticket, "login": row.login})


@router.post("/recover")
def take_new(at: At, ticket: Secret, password: Secret, again: Secret) -> Response:
    """Set the new password and sign in with it; the second factor is enrolled anew."""
    try:
        row = recovery.owner(at.gate, ticket)
    except Unauthorised as error:
        return at.page("sign_in.html", {"login": "", "to": ""}, error)
    try:
        same(password, again)
        recovery.redeem(at.gate, ticket, password)
    except CORRECTABLE as error:
        return at.page("recover.html", {"ticket": ticket, "login": row.login}, error)
    return _come_in(at, row.account_id, row.login)


@router.get("/enter")
def view(at: At, ticket: str = "", dispatch: int = 0) -> Response:
    """Start a session with a view link, once, on a database that nothing live leaves."""
    with at.here.ledger.begin() as conn:
        viewing = desk.get_mark(conn, "kind") in _FOR_VIEWING
        given = tickets.read(at.here.gateway_secret, ticket, desk.now(conn)) if viewing else None
        good = given is not None and sessions.use_up(conn, given.nonce, given.until)
    if given is None or not good:
        return at.page("sign_in.html", {"login": "", "to": ""}, recovery.ticket_over())
    where = f"/console/dispatches/{dispatch}" if dispatch > 0 else "/console"
    return begin(at.here, at.request, given.account, where, strong=True)


@router.post("/sign-out")
def sign_out(at: At) -> Response:
    with at.here.ledger.begin() as conn:
        sessions.end(conn, at.request.cookies.get(cookie(at.here), ""))
    answer = RedirectResponse("/console/sign-in", 303)
    answer.delete_cookie(cookie(at.here), secure=https(at.here), httponly=True, samesite="lax")
    return answer


def same(password: str, again: str) -> None:
    """Raises BadInput unless both fields have the same new password."""
    if password != again:
        raise BadInput(
            "passwords_differ",
            "Hai lần nhập mật khẩu mới không giống nhau.",
            "The two new passwords are not the same.",
            field="again",
        )


def _come_in(at: Door, account: int, login: str, to: str = "") -> Response:
    """A session that has shown the password, in a browser that is known from now on."""
    where = f"/console/welcome?to={quote(to)}"
    answer = begin(at.here, at.request, account, where, strong=False)
    answer.set_cookie(
        cookie(at.here, KNOWN),
        devices.issue(at.gate.secret, login, secrets.token_bytes(16)),
        devices.GOOD_FOR_S,
        secure=https(at.here),
        httponly=True,
        samesite="lax",
    )
    return answer
