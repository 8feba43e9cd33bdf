"""The pages on the way in and out: password, code, recovery, view links."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Response
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


@router.get("/sign-in")
def ask(at: At) -> Response:
    return at.page("sign_in.html", {"login": ""})


@router.post("/sign-in")
def enter(at: At, login: Login, password: Secret) -> Response:
    """Start a session for the account whose login and password these are."""
    try:
        account = sign_in(at.gate, login, password, at.client)
    except CORRECTABLE as error:
        return at.page("sign_in.html", {"login": login}, error)
    with at.here.ledger.read() as conn:
        row = credentials.of_account(conn, account)
    return _come_in(at, account, row.login if row else "")


@router.get("/welcome")
def welcome(current: Current) -> Response:
    """Where somebody goes who has just signed in: to the code, to enrolment, or to work."""
    return RedirectResponse(_next(current), 303)


def _next(current: Current) -> str:
    if current is None:
        return "/console/sign-in"
    if current.awaits_code:
        return "/console/second-factor"
    if second_factor.lacking(current.actor.roles):
        return "/console/account/second-factor"
    return "/console"


@router.get("/second-factor")
def ask_code(at: At, current: Current) -> Response:
    if current is None or not current.awaits_code:
        return RedirectResponse("/console/welcome", 303)
    return at.page("second_factor.html", {})


@router.post("/second-factor")
def take_code(at: At, current: Current, code: Secret) -> Response:
    """Replace the session by a strong one."""
    if current is None or not current.awaits_code:
        return RedirectResponse("/console/welcome", 303)
    try:
        show_code(at.gate, current, code)
    except CORRECTABLE as error:
        return at.page("second_factor.html", {}, error)
    return begin(at.here, at.request, current.actor.account, "/console", strong=True)


@router.get("/recover")
def ask_new(at: At, ticket: str = "") -> Response:
    try:
        row = recovery.owner(at.gate, ticket)
    except Unauthorised as error:
        return at.page("sign_in.html", {"login": ""}, error)
    return at.page("recover.html", {"ticket": ticket, "login": row.login})


@router.post("/recover")
def take_new(at: At, ticket: Secret, password: Secret, again: Secret) -> Response:
    """Set the new password and sign in with it; the second factor is enrolled anew."""
    try:
        row = recovery.owner(at.gate, ticket)
    except Unauthorised as error:
        return at.page("sign_in.html", {"login": ""}, error)
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
        return at.page("sign_in.html", {"login": ""}, recovery.ticket_over())
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


def _come_in(at: Door, account: int, login: str) -> Response:
    """A session that has shown the password, in a browser that is known from now on."""
    answer = begin(at.here, at.request, account, "/console/welcome", strong=False)
    answer.set_cookie(
        cookie(at.here, KNOWN),
        devices.issue(at.gate.secret, login, secrets.token_bytes(16)),
        devices.GOOD_FOR_S,
        secure=https(at.here),
        httponly=True,
        samesite="lax",
    )
    return answer
