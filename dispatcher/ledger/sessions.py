"""Who is signed in at the console.

Only the SHA-256 of a session's secret is stored (256 random bits need nothing slower). A session
that was ended stays until its time is over, so that a stolen cookie is known when it comes back.
"""

import hashlib
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from dispatcher.domain import second_factor
from dispatcher.ledger import registry
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import agency, credential, lease, session

#: A session's last sight is written at most this often.
_SIGHT_MS = 60_000


@dataclass(frozen=True, slots=True)
class NewSession:
    """A session to begin. ``secret`` and ``csrf``: 256 random bits each; ``until``: epoch ms."""

    secret: str
    csrf: str
    account: int
    agency: int
    mode: str
    strong: bool
    device: str
    until: int


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is signed in.

    ``strong``: the second factor was shown; without it the actor's roles that need it are marked
    as withheld. ``awaits_code``: there is one and it has not been shown: nothing opens yet.
    ``enrolled``: there is one. ``stale``: its last sight should be written again.
    """

    actor: Actor
    digest: bytes
    csrf: str
    strong: bool
    awaits_code: bool
    enrolled: bool
    stale: bool

    @property
    def number(self) -> str:
        """The name by which a person ends it: not the secret, and nothing to guess it from."""
        return number(self.digest)


def start(conn: Connection, new: NewSession) -> None:
    """Sign an account in. Retention clears away what is long over."""
    conn.execute(
        insert(session).values(
            digest=_digest(new.secret),
            account_id=new.account,
            agency_id=new.agency,
            mode=new.mode,
            csrf=new.csrf,
            strong=new.strong,
            device=new.device,
            created_at=db_now(),
            seen_at=db_now(),
            until=new.until,
        )
    )


def actor(conn: Connection, secret: str, *, idle_ms: int) -> Session | None:
    """Whose session it is; None when unknown, ended, over, or idle for too long.

    None also when the account was closed, or has lost what it had at the session's agency.
    """
    row = conn.execute(
        select(session, credential.c.totp.is_not(None).label("enrolled"), db_now().label("now"))
        .outerjoin(credential, credential.c.account_id == session.c.account_id)
        .where(session.c.digest == _digest(secret), session.c.ended_at.is_(None))
        .where(session.c.until > db_now(), session.c.seen_at > db_now() - idle_ms)
    ).one_or_none()
    who = row and registry.actor_for(conn, row.account_id, row.agency_id, row.mode)
    return _session(row, who) if row and who else None


def _session(row: Row[Any], who: Actor) -> Session:
    if not row.strong:
        who = replace(who, roles=second_factor.withheld(who.roles))
    return Session(
        actor=who,
        digest=row.digest,
        csrf=row.csrf,
        strong=row.strong,
        awaits_code=bool(row.enrolled) and not row.strong,
        enrolled=bool(row.enrolled),
        stale=row.seen_at < row.now - _SIGHT_MS,
    )


def why_not(conn: Connection, secret: str) -> tuple[str, str]:
    """(subject, reason) for the log, of a secret that opens nothing."""
    row = conn.execute(select(session).where(session.c.digest == _digest(secret))).one_or_none()
    if row is None:
        return "session:unknown", "unknown"
    return f"account:{row.account_id}", "over" if row.ended_at is None else "ended"


def seen(conn: Connection, digest: bytes) -> None:
    """Somebody is there: the idle time begins again."""
    conn.execute(update(session).where(session.c.digest == digest).values(seen_at=db_now()))


def act_for(conn: Connection, digest: bytes, agency_id: int, mode: str) -> None:
    """From now on this session acts in the name of that agency, in that mode."""
    conn.execute(
        update(session).where(session.c.digest == digest).values(agency_id=agency_id, mode=mode)
    )


def of_account(conn: Connection, account_id: int, *, idle_ms: int) -> list[Row[Any]]:
    """An account's sessions that open something, newest first, with their agency's name."""
    query = (
        select(session, agency.c.name.label("agency_name"))
        .join(agency, agency.c.id == session.c.agency_id)
        .where(session.c.account_id == account_id, session.c.ended_at.is_(None))
        .where(session.c.until > db_now(), session.c.seen_at > db_now() - idle_ms)
        .order_by(session.c.created_at.desc())
    )
    return list(conn.execute(query))


def end(conn: Connection, secret: str) -> None:
    """Sign out."""
    _end(conn, session.c.digest == _digest(secret))


def end_one(conn: Connection, account_id: int, name: str) -> bool:
    """End one of an account's sessions by its number; False if there is none."""
    running = select(session.c.digest).where(
        session.c.account_id == account_id, session.c.ended_at.is_(None)
    )
    digest = next((each for each in conn.scalars(running) if number(each) == name), None)
    if digest is None:
        return False
    _end(conn, session.c.digest == digest)
    return True


def end_all(conn: Connection, account_id: int, *, but: bytes = b"") -> None:
    """End an account's sessions, all or all but the one with this digest."""
    _end(conn, session.c.account_id == account_id, session.c.digest != but)


def _end(conn: Connection, *which: Any) -> None:
    running = session.c.ended_at.is_(None)
    conn.execute(update(session).where(*which, running).values(ended_at=db_now()))


def number(digest: bytes) -> str:
    """How a session is named to its owner."""
    return digest[:8].hex()


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()


def use_up(conn: Connection, nonce: str, until: int) -> bool:
    """Mark a single-use link as used; False if it was used before. Kept until it is over."""
    conn.execute(delete(lease).where(lease.c.name.startswith("ticket:"), lease.c.until < db_now()))
    try:
        with conn.begin_nested():
            conn.execute(insert(lease).values(name=f"ticket:{nonce}", holder="used", until=until))
    except IntegrityError:
        return False
    return True
