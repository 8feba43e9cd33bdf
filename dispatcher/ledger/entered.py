"""What the log says was done: an act read from its page, not from the table that finds it."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select

from dispatcher.ledger import entries
from dispatcher.ledger.tables import act, page


def last(conn: Connection, subject: str, names: Collection[str]) -> dict[str, Any] | None:
    """The last of these acts about a subject: ``act``, ``actor``, ``at``, ``facts``, ``subject``.

    None when there is none, or its page does not fit its own digest.
    """
    query = (
        select(page)
        .join(act, act.c.page_id == page.c.id)
        .where(act.c.subject == subject, act.c.name.in_(names))
        .order_by(page.c.id.desc())
        .limit(1)
    )
    found = conn.execute(query).one_or_none()
    if found is None:
        return None
    listed = list(entries.unpack(bytes(found.body)))
    whole = entries.page_digest(found.id, found.dispatch_id or 0, found.created_at, listed)
    entered: dict[str, Any] = json.loads(listed[0][1:])
    genuine = whole == bytes(found.digest) and entered["subject"] == subject
    return entered if genuine and entered["act"] in names else None
