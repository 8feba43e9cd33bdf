"""Agencies as they are listed: one's own part of the tree."""

from typing import Any

from sqlalchemy import Connection, Row, select

from dispatcher.ledger.scope import below
from dispatcher.ledger.tables import agency


def page_of(conn: Connection, path: str, *, after: int, limit: int) -> list[Row[Any]]:
    """An agency and those below it, by id."""
    query = select(agency).where(below(path), agency.c.id > after)
    return list(conn.execute(query.order_by(agency.c.id).limit(limit)))
