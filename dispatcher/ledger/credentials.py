"""How accounts sign in: logins, hashed passwords, sealed second factors, spare codes.

Nothing here opens an account: hashing and judging are ``dispatcher.signin``'s.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from dispatcher.domain.errors import Conflict
from dispatcher.ledger.scope import below
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import account, agency, credential, role_grant
from dispatcher.ledger.vault import Vault


def by_login(conn: Connection, login: str) -> Row[Any] | None:
    """A credential with its account's name, agency and that agency's path; None if closed."""
    return conn.execute(_open().where(credential.c.login == login)).one_or_none()


def of_account(conn: Connection, account_id: int) -> Row[Any] | None:
    """The same, by account."""
    return conn.execute(_open().where(credential.c.account_id == account_id)).one_or_none()


def _open() -> Any:
    return (
        select(credential, account.c.name, account.c.agency_id, agency.c.path)
        .join(account, account.c.id == credential.c.account_id)
        .join(agency, agency.c.id == account.c.agency_id)
        .where(account.c.closed_at.is_(None))
    )


def without(conn: Connection, path: str) -> list[Row[Any]]:
    """Open accounts without a login at an agency and below it: (id, name, agency_name)."""
    query = (
        select(account.c.id, account.c.name, agency.c.name.label("agency_name"))
        .join(agency, agency.c.id == account.c.agency_id)
        .outerjoin(credential, credential.c.account_id == account.c.id)
        .where(below(path), account.c.closed_at.is_(None), credential.c.account_id.is_(None))
        .order_by(agency.c.path, account.c.name, account.c.id)
    )
    return list(conn.execute(query))


def add(conn: Connection, account_id: int, login: str, now: int) -> None:
    """Give an account its login, without a password yet. Raises Conflict if it is taken."""
    try:
        with conn.begin_nested():
            conn.execute(
                insert(credential).values(
                    account_id=account_id,
                    login=login,
                    password="",
                    totp_step=0,
                    recovery=[],
                    changed_at=now,
                )
            )
    except IntegrityError as error:
        raise Conflict(
            "login_taken",
            f"Tên đăng nhập '{login}' đã có người dùng, hoặc tài khoản đã có tên đăng nhập.",
            f"The login '{login}' is taken, or the account has a login already.",
            field="login",
        ) from error


def set_password(conn: Connection, account_id: int, encoded: str, *, was: int, now: int) -> bool:
    """Replace the password, if it is still the one of ``was``; False if another was faster.

    Time of change is what recovery tickets are bound to: none survives a new password.
    """
    result = conn.execute(
        update(credential)
        .where(credential.c.account_id == account_id, credential.c.changed_at == was)
        .values(password=encoded, changed_at=max(now, was + 1))
    )
    return result.rowcount == 1


def rehash(conn: Connection, account_id: int, encoded: str, old: str) -> None:
    """The same password, hashed with today's parameters."""
    conn.execute(
        update(credential)
        .where(credential.c.account_id == account_id, credential.c.password == old)
        .values(password=encoded)
    )


def outdate_tickets(conn: Connection, account_id: int, now: int) -> int:
    """Make every recovery ticket given out so far worthless; the time that the next is bound to."""
    changed = select(credential.c.changed_at).where(credential.c.account_id == account_id)
    at = max(now, int(conn.execute(changed.with_for_update()).scalar_one()) + 1)
    conn.execute(
        update(credential).where(credential.c.account_id == account_id).values(changed_at=at)
    )
    return at


def second_factor(vault: Vault, row: Row[Any]) -> str | None:
    """The secret that a credential's authenticator has; None without one."""
    if row.totp is None:
        return None
    return vault.open(place(row.account_id), row.totp).decode()


def place(account_id: int) -> str:
    """Where a second factor is sealed for: another account's row does not open it."""
    return f"credential|totp|{account_id}"


def set_second_factor(
    conn: Connection, vault: Vault, account_id: int, secret: str, step: int, spares: Sequence[str]
) -> None:
    """Enrol an authenticator, whose code of ``step`` was just used, and its spare codes."""
    conn.execute(
        update(credential)
        .where(credential.c.account_id == account_id)
        .values(
            totp=vault.seal(place(account_id), secret.encode()),
            totp_step=step,
            recovery=[_spare(vault, account_id, each) for each in spares],
        )
    )


def drop_second_factor(conn: Connection, account_id: int) -> None:
    """The telephone is lost: the next sign-in enrols anew."""
    conn.execute(
        update(credential)
        .where(credential.c.account_id == account_id)
        .values(totp=None, totp_step=0, recovery=[])
    )


def use_step(conn: Connection, account_id: int, step: int) -> bool:
    """Use a code up; False if it, or a later one, was used before (RFC 6238 §5.2)."""
    result = conn.execute(
        update(credential)
        .where(credential.c.account_id == account_id, credential.c.totp_step < step)
        .values(totp_step=step)
    )
    return result.rowcount == 1


def use_spare(conn: Connection, vault: Vault, account_id: int, code: str) -> bool:
    """Use a spare code up; False if there is none like it (any more)."""
    query = select(credential.c.recovery).where(credential.c.account_id == account_id)
    left = list(conn.scalar(query.with_for_update()) or [])
    digest = _spare(vault, account_id, code)
    if digest not in left:
        return False
    left.remove(digest)
    conn.execute(
        update(credential).where(credential.c.account_id == account_id).values(recovery=left)
    )
    return True


def granted_at(conn: Connection, account_id: int) -> list[str]:
    """Paths of the agencies where an account holds, or is going to hold, a role."""
    query = (
        select(agency.c.path)
        .join(role_grant, role_grant.c.agency_id == agency.c.id)
        .where(role_grant.c.account_id == account_id, role_grant.c.revoked_at.is_(None))
        .where(or_(role_grant.c.until_at.is_(None), role_grant.c.until_at > db_now()))
        .distinct()
    )
    return list(conn.scalars(query))


def _spare(vault: Vault, account_id: int, code: str) -> str:
    return vault.digest("credential|recovery", f"{account_id}|{code}").hex()
