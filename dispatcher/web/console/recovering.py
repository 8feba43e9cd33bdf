"""What an administrator does for others: a link to come back with, a login to begin with."""

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Form, Response

from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, Conflict, Forbidden, NotFound
from dispatcher.ledger import credentials
from dispatcher.ledger.sessions import Session
from dispatcher.signin import recovery
from dispatcher.web.console.door import At, Door
from dispatcher.web.console.session import Person
from dispatcher.web.console.signing_in import Login
from dispatcher.web.v1.shapes import MOST

router = APIRouter(prefix="/console", include_in_schema=False)


@router.get("/recovery")
def ask(at: At, me: Person) -> Response:
    authority.require("configure", me.actor.roles)
    return _page(at, me, "")


@router.post("/recovery")
def recover(at: At, me: Person, login: Login) -> Response:
    """Show the link that lets somebody set a new password, once."""
    return _given(at, me, login, lambda: recovery.recover(at.gate, me.actor, login))


@router.post("/recovery/login")
def introduce(
    at: At, me: Person, account: Annotated[int, Form(ge=1, le=MOST)], login: Login
) -> Response:
    """Give an account its login, and show the link that lets its owner set the password."""
    return _given(at, me, login, lambda: recovery.introduce(at.gate, me.actor, account, login))


def _given(at: Door, me: Session, login: str, ticket: Callable[[], str]) -> Response:
    authority.require("configure", me.actor.roles)
    try:
        link = recovery.link(at.here.settings.public_url, ticket())
    except (BadInput, Conflict, Forbidden, NotFound) as error:
        return _page(at, me, login, error=error)
    return _page(at, me, login, link=link)


def _page(
    at: Door,
    me: Session,
    login: str,
    *,
    link: str = "",
    error: BadInput | Conflict | Forbidden | NotFound | None = None,
) -> Response:
    with at.here.ledger.read() as conn:
        newcomers = credentials.without(conn, me.actor.path)
    values = {"actor": me.actor, "login": login, "link": link, "newcomers": newcomers}
    return at.page("recovery.html", values, error)
