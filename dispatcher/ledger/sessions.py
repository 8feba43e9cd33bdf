"""Who is signed in at the console, and which view links were used: leases with an end.

Only a hash of the secret is stored; a row deleted is a session ended.
"""

import hashlib

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.exc import IntegrityError

from dispatcher.ledger import registry
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import lease


def start(conn: Connection, secret: str, account: int, mode: str, until: int) -> None:
    """Sign an account in until ``until`` (epoch ms). Sessions that are over are cleared away."""
    conn.execute(delete(lease).where(lease.c.name.startswith("session:"), lease.c.until < db_now()))
    conn.execute(insert(lease).values(name=_name(secret), holder=f"{account}:{mode}", until=until))


def actor(conn: Connection, secret: str) -> Actor | None:
    """Whose session it is; None when it is unknown or over, or the account was closed."""
    holder = conn.scalar(
        select(lease.c.holder).where(lease.c.name == _name(secret), lease.c.until > db_now())
    )
    if holder is None:
        return None
    account, _, mode = holder.partition(":")
    return registry.actor(conn, int(account), mode)


def end(conn: Connection, secret: str) -> None:
    """Sign out."""
    conn.execute(delete(lease).where(lease.c.name == _name(secret)))


def use_up(conn: Connection, nonce: str, until: int) -> bool:
    """Mark a single-use link as used; False if it was used before. Kept until it is over."""
    conn.execute(delete(lease).where(lease.c.name.startswith("ticket:"), lease.c.until < db_now()))
    try:
        with conn.begin_nested():
            conn.execute(insert(lease).values(name=f"ticket:{nonce}", holder="used", until=until))
    except IntegrityError:
        return False
    return True


def _name(secret: str) -> str:
    return f"session:{hashlib.sha256(secret.encode()).hexdigest()}"
