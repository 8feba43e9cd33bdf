"""One's own account: in whose name one acts, sessions, password, second factor."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

from cryptography.exceptions import InvalidTag
from fastapi import APIRouter, Form, Path, Response
from fastapi.responses import RedirectResponse

from dispatcher.bootstrap import Runtime
from dispatcher.domain import second_factor
from dispatcher.domain.errors import BadInput, LoaError
from dispatcher.ledger import credentials, desk, grants, registry, sessions
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.sessions import Session
from dispatcher.signin.changing import change_password
from dispatcher.signin.proving import enrol, no_login
from dispatcher.web import access
from dispatcher.web.access import Here
from dispatcher.web.console import qr
from dispatcher.web.console.door import CORRECTABLE, At, Door
from dispatcher.web.console.session import Person, begin, idle_ms
from dispatcher.web.console.signing_in import Secret, same
from dispatcher.web.v1.shapes import MOST

router = APIRouter(prefix="/console", include_in_schema=False)

_BACK = "/console/account"


@router.get("/account")
def show(at: At, me: Person) -> Response:
    """Who one is, in whose name one acts, and where one is signed in."""
    with at.here.ledger.read() as conn:
        row = credentials.of_account(conn, me.actor.account)
        values = {
            "actor": me.actor,
            "roles": sorted(each.removeprefix(second_factor.WITHHELD) for each in me.actor.roles),
            "login": row.login if row else "",
            "spares": len(row.recovery) if row else 0,
            "enrolled": me.enrolled,
            "places": _places(conn, me),
            "modes": _modes(conn),
            "sessions": _sessions(conn, at.here, me),
            "may_recover": access.may(me.actor, "configure"),
        }
    return at.page("account.html", values)


@router.post("/account/acting")
def act_for(
    here: Here,
    me: Person,
    agency: Annotated[int, Form(ge=1, le=MOST)],
    mode: Annotated[str, Form(max_length=10)],
) -> Response:
    """Act in the name of another agency where one has a role, or in the other mode."""
    with here.ledger.begin() as conn:
        known = {place["id"] for place in _places(conn, me)}
        if agency not in known or mode not in _modes(conn):
            raise access.nothing()
        sessions.act_for(conn, me.digest, agency, mode)
    return RedirectResponse(_BACK, 303)


@router.post("/account/sessions/{number}/end")
def end_session(
    here: Here, me: Person, number: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
) -> Response:
    with here.ledger.begin() as conn:
        if not sessions.end_one(conn, me.actor.account, number):
            raise access.nothing()
    return RedirectResponse(_BACK, 303)


@router.post("/account/sessions/end")
def end_others(here: Here, me: Person) -> Response:
    """Sign out everywhere else."""
    with here.ledger.begin() as conn:
        sessions.end_all(conn, me.actor.account, but=me.digest)
    return RedirectResponse(_BACK, 303)


@router.get("/account/password")
def ask_password(at: At, me: Person) -> Response:
    return at.page("password.html", {"actor": me.actor})


@router.post("/account/password")
def take_password(at: At, me: Person, old: Secret, password: Secret, again: Secret) -> Response:
    """Change the password; other sessions end, this one gets a new secret."""
    try:
        same(password, again)
        change_password(at.gate, me, old, password)
    except CORRECTABLE as error:
        return at.page("password.html", {"actor": me.actor}, error)
    return begin(at.here, at.request, me.actor.account, _BACK, strong=me.strong)


@router.get("/account/second-factor")
def ask_factor(at: At, me: Person) -> Response:
    return _enrolment(at, me, second_factor.new_secret())


@router.post("/account/second-factor")
def take_factor(at: At, me: Person, sealed: Secret, code: Secret, password: Secret) -> Response:
    """Enrol; show the spare codes once, in a session that has become strong."""
    secret = _opened(at.here, me, sealed)
    try:
        spares = enrol(at.gate, me, secret, code, password)
    except CORRECTABLE as error:
        return _enrolment(at, me, secret, error)
    rotated = begin(at.here, at.request, me.actor.account, _BACK, strong=True)
    page = at.page("spare_codes.html", {"actor": me.actor, "spares": spares})
    page.headers.append("set-cookie", rotated.headers["set-cookie"])
    return page


def _enrolment(at: Door, me: Session, secret: str, error: LoaError | None = None) -> Response:
    """The page with the QR code. The secret waits in the form, sealed for this session."""
    with at.here.ledger.read() as conn:
        row = credentials.of_account(conn, me.actor.account)
    if row is None:
        raise no_login()
    sealed = at.here.ledger.vault.seal(_pending(me), secret.encode())
    address = second_factor.address(secret, row.login)
    values = {
        "actor": me.actor,
        "enrolled": me.enrolled,
        "needed": second_factor.lacking(me.actor.roles),
        "picture": qr.drawn(address),
        "address": address,
        "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
        "sealed": urlsafe_b64encode(sealed).decode(),
    }
    return at.page("enrol.html", values, error)


def _opened(here: Runtime, me: Session, sealed: str) -> str:
    """The secret that the form brought back. Raises BadInput for another session's."""
    try:
        data = urlsafe_b64decode(sealed)
        return here.ledger.vault.open(_pending(me), data).decode()
    except (ValueError, InvalidTag):
        raise BadInput(
            "old_enrolment",
            "Trang đăng ký này đã cũ. Hãy mở lại trang và quét mã mới.",
            "This enrolment page is old. Open it again and scan the new code.",
        ) from None


def _pending(me: Session) -> str:
    return f"enrolment|{me.digest.hex()}"


def _places(conn: Connection, me: Session) -> list[dict[str, Any]]:
    """Agencies in whose name one may act: one's own, and where one was granted something."""
    home = registry.actor(conn, me.actor.account, me.actor.mode)
    found = {row.id: row.name for row in grants.places(conn, me.actor.account)}
    own = registry.load_agency(conn, home.agency) if home else None
    if own is not None:
        found[own.id] = own.name
    return [{"id": each, "name": name} for each, name in sorted(found.items())]


def _modes(conn: Connection) -> tuple[str, ...]:
    """Nothing live on a database for trying."""
    return ("live", "test") if desk.get_mark(conn, "kind") == "production" else ("test",)


def _sessions(conn: Connection, here: Runtime, me: Session) -> list[dict[str, Any]]:
    return [
        {
            "number": sessions.number(row.digest),
            "device": row.device,
            "agency": row.agency_name,
            "began": row.created_at,
            "seen": row.seen_at,
            "own": row.digest == me.digest,
        }
        for row in sessions.of_account(conn, me.actor.account, idle_ms=idle_ms(here))
    ]
