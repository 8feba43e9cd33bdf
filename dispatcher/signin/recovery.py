"""The way back for who lost password or telephone: a ticket from an administrator, no e-mail.

It is handed over in person or by telephone, is good once and for a day, and dies when another one
is given out or the password changes, because it is bound to the time of the last change.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from typing import Any

from dispatcher.domain import authority
from dispatcher.domain.errors import Forbidden, NotFound, Unauthorised
from dispatcher.domain.logins import check_login, check_password
from dispatcher.ledger import credentials, desk, pages, sessions, throttles
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.signin.gate import Gate

#: Account, end (epoch ms), time of the credential's last change; then the tag.
_BODY = struct.Struct(">QQQ")

_GOOD_FOR_MS = 86_400_000


def recover(gate: Gate, actor: Actor, login: str) -> str:
    """A ticket for a person of the administrator's agency or below it.

    Raises Forbidden for oneself and for who has rights above the administrator, NotFound for
    everybody whom the administrator may not know.
    """
    authority.require("configure", actor.roles)
    with gate.ledger.begin() as conn:
        row = credentials.by_login(conn, login.strip().lower())
        if row is None or not authority.below(actor.path, row.path):
            raise _no_account("login")
        _may_recover(conn, actor, row.account_id)
        return issue(gate, conn, row, by=actor.account)


def introduce(gate: Gate, actor: Actor, account: int, login: str) -> str:
    """A login for an account that has none, and a ticket with which its owner sets a password.

    Raises what ``recover`` raises, BadInput for what cannot be a login, Conflict for a taken one.
    """
    authority.require("configure", actor.roles)
    name = check_login(login)
    with gate.ledger.begin() as conn:
        if account not in {row.id for row in credentials.without(conn, actor.path)}:
            raise _no_account("account")
        _may_recover(conn, actor, account)
        credentials.add(conn, account, name, desk.now(conn))
        row = credentials.of_account(conn, account)
        if row is None:
            raise _no_account("account")
        return issue(gate, conn, row, by=actor.account)


def issue(gate: Gate, conn: Connection, row: Row[Any], *, by: int) -> str:
    """A ticket for a credential's owner; ``by`` 0: whoever works at the server itself."""
    now = desk.now(conn)
    changed = credentials.outdate_tickets(conn, row.account_id, now)
    pages.record(conn, "recover_account", f"account:{row.account_id}", actor=by, at=now, facts={})
    body = _BODY.pack(row.account_id, now + _GOOD_FOR_MS, changed)
    return base64.urlsafe_b64encode(body + _tag(gate, body)).decode().rstrip("=")


def owner(gate: Gate, ticket: str) -> Row[Any]:
    """Whose ticket it is. Raises Unauthorised when it is not ours, over, or used."""
    account, until, changed = _read(gate, ticket)
    with gate.ledger.read() as conn:
        row = credentials.of_account(conn, account)
        over = until <= desk.now(conn)
    if row is None or over or row.changed_at != changed:
        raise ticket_over()
    return row


def redeem(gate: Gate, ticket: str, password: str) -> None:
    """Set a new password and forget the second factor, once. Every session of the account ends.

    Raises Unauthorised for a ticket that opens nothing, BadInput for a password too weak.
    """
    row = owner(gate, ticket)
    encoded = gate.passwords.encode(check_password(password, row.login, row.name))
    account = row.account_id
    with gate.ledger.begin() as conn:
        now = desk.now(conn)
        if not credentials.set_password(conn, account, encoded, was=row.changed_at, now=now):
            raise ticket_over()
        credentials.drop_second_factor(conn, account)
        sessions.end_all(conn, account)
        unlock(gate, conn, row)
        facts = {"ticket": True}
        pages.record(conn, "set_password", f"account:{account}", actor=account, at=now, facts=facts)


def unlock(gate: Gate, conn: Connection, row: Row[Any]) -> None:
    """End the waits after wrong passwords and codes."""
    for kind, subject in (("login", row.login), ("code", str(row.account_id))):
        throttles.forget(conn, throttles.key(gate.ledger.vault, kind, subject))


def link(public_url: str, ticket: str) -> str:
    """The address at which the owner sets a new password."""
    return f"{public_url}/console/recover?ticket={ticket}"


def _no_account(field: str) -> NotFound:
    return NotFound(
        "no_account",
        "Không có tài khoản này trong cơ quan của bạn.",
        "There is no such account in your agency.",
        field=field,
    )


def _may_recover(conn: Connection, actor: Actor, account: int) -> None:
    if account == actor.account:
        raise Forbidden(
            "own_recovery",
            "Không tự khôi phục được. Cần một quản trị viên khác, hoặc của cấp trên.",
            "Nobody recovers themselves. Another administrator has to, or one above.",
        )
    held = credentials.granted_at(conn, account)
    if not all(authority.below(actor.path, path) for path in held):
        raise Forbidden(
            "rights_above",
            "Người này có quyền ở cơ quan cấp trên. Cần quản trị viên của cấp đó.",
            "This person has rights at an agency above. An administrator there has to do it.",
        )


def _read(gate: Gate, ticket: str) -> tuple[int, int, int]:
    try:
        data = base64.b64decode(ticket + "=" * (-len(ticket) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ticket_over() from None
    body, tag = data[: _BODY.size], data[_BODY.size :]
    if len(body) != _BODY.size or not hmac.compare_digest(tag, _tag(gate, body)):
        raise ticket_over()
    account, until, changed = _BODY.unpack(body)
    return account, until, changed


def _tag(gate: Gate, body: bytes) -> bytes:
    return hmac.digest(gate.secret, b"recovery\0" + body, hashlib.sha256)


def ticket_over() -> Unauthorised:
    return Unauthorised(
        "ticket_over",
        "Đường dẫn này đã hết hạn hoặc đã được dùng. Đề nghị quản trị viên cấp lại.",
        "This link is over or was used already. Ask an administrator for another.",
    )
