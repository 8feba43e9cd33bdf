"""What was refused as replayed, forged or edited leaves an event in the log.

A stranger could fill a disk by being refused: of one kind and subject, one event a minute.
"""

import hashlib

from sqlalchemy import text

from dispatcher.ledger import desk, pages
from dispatcher.ledger.store import NOW, Ledger

_EVERY_MS = 60_000

#: A flood must not take writers' turns either: whether it was noted lately is read first.
_LATELY = "SELECT 1 FROM throttle WHERE key = :key AND since >= {now} - :every"

_FIRST_IN_A_WHILE = """
INSERT INTO throttle (key, since, count) VALUES (:key, {now}, 1)
ON CONFLICT (key) DO UPDATE SET since = excluded.since, count = throttle.count + 1
WHERE throttle.since < excluded.since - :every
"""


def note(ledger: Ledger, what: str, subject: str, why: str, *, actor: int = 0) -> None:
    """Enter a refusal in a transaction of its own, because the refused one is undone.

    ``what``: approval, session, key, manifest, callback, bundle, …; ``subject``: what it was
    about, without personal data; ``why``: the error's code.
    """
    key = hashlib.sha256(f"refusal|{what}|{subject}|{why}".encode()).digest()
    given, clock = {"key": key, "every": _EVERY_MS}, NOW[ledger.dialect]
    with ledger.read() as conn:
        if conn.execute(text(_LATELY.format(now=clock)), given).first():
            return
    with ledger.begin() as conn:
        if conn.execute(text(_FIRST_IN_A_WHILE.format(now=clock)), given).rowcount == 1:
            facts = {"what": what, "why": why}
            pages.record(conn, "refuse", subject, actor=actor, at=desk.now(conn), facts=facts)
