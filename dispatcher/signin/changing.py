"""A new password, set by its owner or by whoever works at the server."""

from dispatcher.domain.errors import Conflict
from dispatcher.domain.logins import check_password
from dispatcher.ledger import credentials, desk, pages, sessions
from dispatcher.ledger.sessions import Session
from dispatcher.signin.gate import Gate
from dispatcher.signin.proving import confirm_password, no_login


def change_password(gate: Gate, session: Session, old: str, new: str) -> None:
    """Replace one's own password. The account's other sessions end.

    Raises Unauthorised for a wrong old one, BadInput for a new one that is too weak.
    """
    row = confirm_password(gate, session.actor.account, old)
    store(gate, row.account_id, new, by=row.account_id, keep=session.digest)


def store(gate: Gate, account: int, new: str, *, by: int, keep: bytes = b"") -> None:
    """Set a password and end the sessions but ``keep``. ``by`` 0: whoever works at the server."""
    with gate.ledger.read() as conn:
        row = credentials.of_account(conn, account)
    if row is None:
        raise no_login()
    encoded = gate.passwords.encode(check_password(new, row.login, row.name))
    with gate.ledger.begin() as conn:
        now = desk.now(conn)
        if not credentials.set_password(conn, account, encoded, was=row.changed_at, now=now):
            raise Conflict(
                "changed_meanwhile",
                "Mật khẩu vừa được đổi ở nơi khác.",
                "The password was changed elsewhere at this moment.",
            )
        sessions.end_all(conn, account, but=keep)
        pages.record(conn, "set_password", f"account:{account}", actor=by, at=now, facts={})
