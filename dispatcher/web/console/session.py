"""Signing in and out. The cookie holds a random secret; who it stands for is in the ledger."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from dispatcher.bootstrap import Runtime
from dispatcher.domain.errors import Unauthorised
from dispatcher.ledger import desk, registry, sessions
from dispatcher.ledger.registry import Actor
from dispatcher.web import tickets
from dispatcher.web.access import Here
from dispatcher.web.console.pages import Pages

router = APIRouter(prefix="/console", include_in_schema=False)

#: A working day and the night after it.
_GOOD_FOR_S = 16 * 3600


def pages(request: Request) -> Pages:
    found: Pages = request.app.state.pages
    return found


Shown = Annotated[Pages, Depends(pages)]


def signed_in(here: Here, request: Request) -> Actor:
    """Whose session came with the request. Raises Unauthorised."""
    secret = request.cookies.get(_cookie(here), "")
    with here.ledger.read() as conn:
        actor = sessions.actor(conn, secret) if secret else None
    if actor is None:
        raise Unauthorised("signed_out", "Hãy đăng nhập.", "Please sign in.")
    return actor


Visitor = Annotated[Actor, Depends(signed_in)]


@router.get("/sign-in")
def ask(request: Request, shown: Shown) -> Response:
    return shown.page(request, "sign_in.html", {"wrong": ""})


@router.post("/sign-in")
def sign_in(
    here: Here, request: Request, shown: Shown, key: Annotated[str, Form(max_length=200)]
) -> Response:
    """Start a session for the account whose key this is."""
    with here.ledger.read() as conn:
        actor = registry.actor_by_key(conn, key.strip())
    if actor is None:
        return shown.page(request, "sign_in.html", {"wrong": "wrong_key"}, 401)
    return _welcome(here, actor.account, actor.mode, "/console")


@router.get("/enter")
def enter(
    here: Here, request: Request, shown: Shown, ticket: str = "", dispatch: int = 0
) -> Response:
    """Start a session with a view link, once."""
    with here.ledger.begin() as conn:
        given = tickets.read(here.gateway_secret, ticket, desk.now(conn))
        good = given is not None and sessions.use_up(conn, given.nonce, given.until)
    if given is None or not good:
        return shown.page(request, "sign_in.html", {"wrong": "ticket_over"}, 401)
    where = f"/console/dispatches/{dispatch}" if dispatch > 0 else "/console"
    return _welcome(here, given.account, "test", where)


@router.post("/sign-out")
def sign_out(here: Here, request: Request) -> Response:
    with here.ledger.begin() as conn:
        sessions.end(conn, request.cookies.get(_cookie(here), ""))
    answer = RedirectResponse("/console/sign-in", 303)
    answer.delete_cookie(_cookie(here), secure=_https(here), httponly=True, samesite="lax")
    return answer


def _welcome(here: Runtime, account: int, mode: str, where: str) -> Response:
    secret = secrets.token_urlsafe(32)
    with here.ledger.begin() as conn:
        until = desk.now(conn) + _GOOD_FOR_S * 1000
        sessions.start(conn, secret, account, mode, until)
    answer = RedirectResponse(where, 303)
    answer.set_cookie(
        _cookie(here), secret, _GOOD_FOR_S, secure=_https(here), httponly=True, samesite="lax"
    )
    return answer


def _https(here: Runtime) -> bool:
    return here.settings.public_url.startswith("https://")


def _cookie(here: Runtime) -> str:
    """``__Host-`` binds the cookie to this host and to HTTPS (RFC 6265bis §4.1.3.2)."""
    return "__Host-loa" if _https(here) else "loa"
