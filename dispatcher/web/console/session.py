"""Who is at the console. The cookie holds a random secret; who it stands for is in the ledger.

Every request of the console passes :func:`own_form`; every page that is not for everybody asks
for :data:`Visitor` or :data:`Person`.
"""

import hmac
import secrets
from typing import Annotated

from fastapi import Depends, Request, Response
from fastapi.responses import RedirectResponse

from dispatcher.bootstrap import Runtime
from dispatcher.domain.errors import Forbidden, Unauthorised
from dispatcher.ledger import desk, grants, refusals, registry, sessions
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.sessions import NewSession, Session
from dispatcher.web.access import Here
from dispatcher.web.console import browsers
from dispatcher.web.console.pages import Pages

#: Where the session's token may be: in a form, and in a header for scripts (base.html sets it).
FIELD, HEADER = "csrf", "x-csrf-token"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


def pages(request: Request) -> Pages:
    found: Pages = request.app.state.pages
    return found


Shown = Annotated[Pages, Depends(pages)]


def session(here: Here, request: Request) -> Session | None:
    """Whose session came with the request. A cookie that opens nothing leaves an event."""
    secret = request.cookies.get(cookie(here), "")
    if not secret:
        return None
    with here.ledger.read() as conn:
        found = sessions.actor(conn, secret, idle_ms=idle_ms(here))
        subject, why = ("", "") if found else sessions.why_not(conn, secret)
    if found is None:
        refusals.note(here.ledger, "session", subject, why)
        return None
    if found.stale:
        with here.ledger.begin() as conn:
            sessions.seen(conn, found.digest)
    request.state.csrf = found.csrf
    return found


Current = Annotated[Session | None, Depends(session)]


async def _sent(request: Request) -> str:
    """The token that came with an unsafe request."""
    if request.method in _SAFE or HEADER in request.headers:
        return request.headers.get(HEADER, "")
    if not request.headers.get("content-type", "").startswith(_FORMS):
        return ""
    value = (await request.form()).get(FIELD, "")
    return value if isinstance(value, str) else ""


def own_form(
    here: Here, request: Request, current: Current, sent: Annotated[str, Depends(_sent)]
) -> None:
    """Raises Forbidden unless an unsafe request in a session brings that session's token.

    ``shield.OwnPages`` has looked at its origin; without a session there is nothing to ride on.
    """
    if request.method in _SAFE or current is None:
        return
    if not hmac.compare_digest(sent.encode(), current.csrf.encode()):
        account = current.actor.account
        refusals.note(here.ledger, "form", f"account:{account}", "token", actor=account)
        raise Forbidden(
            "not_own_page",
            "Trang này đã cũ hoặc yêu cầu không đến từ trang của bạn. Hãy tải lại trang.",
            "This page is old, or the request is not from your own page. Load the page again.",
        )


def person(current: Current) -> Session:
    """Who is signed in. Raises Unauthorised; "code_awaited" when only the password was shown."""
    if current is None:
        raise Unauthorised("signed_out", "Hãy đăng nhập.", "Please sign in.")
    if current.awaits_code:
        raise Unauthorised("code_awaited", "Hãy nhập mã xác thực.", "Please enter your code.")
    return current


Person = Annotated[Session, Depends(person)]


def signed_in(found: Person) -> Actor:
    """Who acts. Roles that wait for the second factor are withheld (``authority.require``)."""
    return found.actor


Visitor = Annotated[Actor, Depends(signed_in)]


def begin(here: Runtime, request: Request, account: int, where: str, *, strong: bool) -> Response:
    """Start a session with a secret of its own, end the browser's former one, and go somewhere.

    It acts where the former one did, if that was the same person's. A page that is rendered
    afterwards has the new session's token.
    """
    secret, request.state.csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    device = browsers.name(request.headers.get("user-agent", ""))
    with here.ledger.begin() as conn:
        former = request.cookies.get(cookie(here), "")
        agency, mode = _standing(conn, account, former, idle_ms(here))
        sessions.end(conn, former)
        sessions.start(
            conn,
            NewSession(
                secret=secret,
                csrf=request.state.csrf,
                account=account,
                agency=agency,
                mode=mode,
                strong=strong,
                device=device,
                until=desk.now(conn) + here.settings.session_s * 1000,
            ),
        )
    answer = RedirectResponse(where, 303)
    answer.set_cookie(
        cookie(here), secret, here.settings.session_s,
        secure=https(here), httponly=True, samesite="lax",
    )  # fmt: skip
    return answer


def _standing(conn: Connection, account: int, former: str, idle: int) -> tuple[int, str]:
    """(agency, mode) that a new session begins with."""
    before = sessions.actor(conn, former, idle_ms=idle)
    if before and before.actor.account == account:
        return before.actor.agency, before.actor.mode
    mode = "live" if desk.get_mark(conn, "kind") == "production" else "test"
    home = registry.actor(conn, account, mode)
    if home is None:
        raise Unauthorised("closed", "Tài khoản đã đóng.", "The account is closed.")
    elsewhere = [] if home.roles else grants.places(conn, account)
    return (elsewhere[0].id if elsewhere else home.agency), mode


def idle_ms(here: Runtime) -> int:
    return here.settings.session_idle_s * 1000


def https(here: Runtime) -> bool:
    return here.settings.public_url.startswith("https://")


def cookie(here: Runtime, name: str = "loa") -> str:
    """``__Host-`` binds the cookie to this host and to HTTPS (RFC 6265bis §4.1.3.2)."""
    return f"__Host-{name}" if https(here) else name
