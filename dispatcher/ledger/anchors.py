"""What has been put outside our reach: which checkpoint, where and when."""

from sqlalchemy import Connection, func, insert, select

from dispatcher.ledger import pages
from dispatcher.ledger.kept import Point
from dispatcher.ledger.tables import anchor, checkpoint


def record(conn: Connection, kind: str, place: str, point: Point, *, actor: int, at: int) -> None:
    """Enter an anchor. ``kind``: mail, folder or paper; ``place`` says where, and is no fact of
    the act: a mailbox may be a person's."""
    conn.execute(
        insert(anchor).values(kind=kind, place=place, size=point.size, note=point.note, at=at)
    )
    facts = {"kind": kind, "origin": point.origin, "root": point.root.hex()}
    pages.record(conn, "anchor", f"checkpoint:{point.size}", actor=actor, at=at, facts=facts)


def last(conn: Connection) -> dict[str, int]:
    """When each kind of place was last given a checkpoint, epoch ms."""
    query = select(anchor.c.kind, func.max(anchor.c.at)).group_by(anchor.c.kind)
    return {row[0]: row[1] for row in conn.execute(query)}


def since(conn: Connection) -> int | None:
    """When the first checkpoint was signed, epoch ms: from then on there is something to anchor."""
    first = select(checkpoint.c.created_at).order_by(checkpoint.c.size).limit(1)
    return conn.execute(first).scalar_one_or_none()
