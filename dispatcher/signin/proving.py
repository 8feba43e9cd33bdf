"""The second factor of somebody who has shown the password: shown, enrolled, replaced."""

from typing import Any

from dispatcher.domain import second_factor
from dispatcher.domain.errors import Conflict, LoaError, TooMany, Unauthorised
from dispatcher.domain.lockout import OF_CODE
from dispatcher.ledger import credentials, desk, pages, refusals, sessions, throttles
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.sessions import Session
from dispatcher.signin.gate import Gate


def show_code(gate: Gate, session: Session, code: str) -> None:
    """Accept a code of the authenticator, or a spare one, once. Raises Unauthorised or TooMany."""
    account = session.actor.account
    _count(gate, account)
    with gate.ledger.begin() as conn:
        row = _row(conn, account)
        good = _uses_step(gate, conn, row, code) or _uses_spare(gate, conn, account, code)
        if good:
            throttles.forget(conn, _counter(gate, account))
    if not good:
        raise _wrong_code()


def enrol(gate: Gate, session: Session, secret: str, code: str, password: str) -> list[str]:
    """Make an authenticator the account's second factor; return ten spare codes, shown once.

    Asks for the password again, so that a browser left open is not enough. Other sessions end.
    Raises Unauthorised for a wrong password or code.
    """
    account = session.actor.account
    confirm_password(gate, account, password)
    spares = second_factor.spare_codes()
    with gate.ledger.begin() as conn:
        now = desk.now(conn)
        step = second_factor.step(secret, code, now)
        if step is None:
            raise _wrong_code()
        credentials.set_second_factor(conn, gate.ledger.vault, account, secret, step, spares)
        sessions.end_all(conn, account, but=session.digest)
        facts = {"spares": len(spares)}
        pages.record(
            conn, "set_second_factor", f"account:{account}", actor=account, at=now, facts=facts
        )
    return spares


def confirm_password(gate: Gate, account: int, password: str) -> Row[Any]:
    """The credential, if this is its password. Raises Unauthorised or TooMany."""
    _count(gate, account)
    with gate.ledger.read() as conn:
        row = _row(conn, account)
    if not gate.passwords.matches(row.password, password):
        raise Unauthorised(
            "wrong_password", "Mật khẩu hiện tại không đúng.", "The present password is wrong."
        )
    with gate.ledger.begin() as conn:
        throttles.forget(conn, _counter(gate, account))
    return row


def _uses_step(gate: Gate, conn: Connection, row: Row[Any], code: str) -> bool:
    secret = credentials.second_factor(gate.ledger.vault, row)
    step = second_factor.step(secret, code, desk.now(conn)) if secret else None
    return step is not None and credentials.use_step(conn, row.account_id, step)


def _uses_spare(gate: Gate, conn: Connection, account: int, code: str) -> bool:
    spare = second_factor.spare(code)
    return spare is not None and credentials.use_spare(conn, gate.ledger.vault, account, spare)


def _count(gate: Gate, account: int) -> None:
    """Who tries here has a session already: they may be told that they have to wait."""
    with gate.ledger.begin() as conn:
        taken = throttles.take(conn, _counter(gate, account), OF_CODE, desk.now(conn))
    if not taken.allowed:
        refusals.note(gate.ledger, "code", f"account:{account}", "locked", actor=account)
        raise TooMany(
            "too_many_codes",
            "Đã nhập sai nhiều lần. Hãy chờ vài phút rồi thử lại.",
            "Wrong too often. Wait a few minutes and try again.",
        )


def _counter(gate: Gate, account: int) -> bytes:
    return throttles.key(gate.ledger.vault, "code", str(account))


def _row(conn: Connection, account: int) -> Row[Any]:
    row = credentials.of_account(conn, account)
    if row is None:
        raise no_login()
    return row


def no_login() -> LoaError:
    """Whoever came by a view link, or with a key, has nothing to change here."""
    return Conflict(
        "no_login",
        "Tài khoản này chưa có tên đăng nhập và mật khẩu.",
        "This account has no login and password.",
    )


def _wrong_code() -> Unauthorised:
    return Unauthorised(
        "wrong_code",
        "Mã không đúng, đã dùng rồi hoặc đã hết hạn. Hãy nhập mã đang hiện trên ứng dụng.",
        "The code is wrong, used already or over. Enter the one your authenticator shows now.",
    )
