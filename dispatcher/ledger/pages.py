"""Writing pages: in the same transaction as the state they explain, never changed after."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, insert, select, text

from dispatcher.ledger import entries, tables
from dispatcher.ledger.tables import page, page_open


def next_ids(conn: Connection, count: int) -> list[int]:
    """Page numbers nobody else has. Gaps are harmless; a number used twice is impossible."""
    if conn.dialect.name == "postgresql":
        rows = conn.execute(
            text("SELECT nextval('page_id_seq') FROM generate_series(1, :count)"),
            {"count": count},
        )
        return [row[0] for row in rows]
    last = last_id(conn)
    return list(range(last + 1, last + 1 + count))


def last_id(conn: Connection) -> int:
    """The highest page number that was ever given out."""
    if conn.dialect.name == "postgresql":
        return int(conn.execute(text("SELECT last_value FROM page_id_seq")).scalar_one())
    return conn.scalar(select(func.max(page.c.id))) or 0


def write(conn: Connection, page_id: int, dispatch: int, at: int, items: Sequence[bytes]) -> None:
    """Store one page of at most 500 entries and hand it to the sealer."""
    if not 0 < len(items) <= entries.MAX_ENTRIES:
        raise ValueError(f"a page has 1 to {entries.MAX_ENTRIES} entries, not {len(items)}")
    listed = list(items)
    conn.execute(
        insert(page),
        {
            "id": page_id,
            "dispatch_id": dispatch or None,
            "body": entries.pack(listed),
            "count": len(listed),
            "digest": entries.page_digest(page_id, dispatch, at, listed),
            "created_at": at,
        },
    )
    conn.execute(insert(page_open), {"page_id": page_id})


def record(
    conn: Connection,
    name: str,
    subject: str,
    *,
    actor: int,
    at: int,
    facts: Mapping[str, object],
    dispatch: int = 0,
) -> int:
    """Enter one act as a page of its own; return the page's number.

    Its row in ``act`` is for searching only: what counts is the entry, and the verifier compares.
    It belongs to the dispatch's agency, else to the actor's.
    """
    (page_id,) = next_ids(conn, 1)
    write(conn, page_id, dispatch, at, [entries.act(name, subject, actor, at, facts)])
    of_dispatch = select(tables.dispatch.c.agency_id).where(tables.dispatch.c.id == dispatch)
    of_actor = select(tables.account.c.agency_id).where(tables.account.c.id == actor)
    conn.execute(
        insert(tables.act).values(
            page_id=page_id,
            name=name,
            subject=subject,
            actor=actor,
            at=at,
            agency_id=func.coalesce(of_dispatch.scalar_subquery(), of_actor.scalar_subquery()),
            dispatch_id=dispatch or None,
        )
    )
    return page_id


def last_at(conn: Connection, dispatch: int) -> int:
    """When the dispatch's last page was written, epoch ms; 0 if it has none."""
    newest = (
        select(page.c.created_at)
        .where(page.c.dispatch_id == dispatch)
        .order_by(page.c.id.desc())
        .limit(1)
    )
    return conn.scalar(newest) or 0
