"""What a search finds a bulletin or a dispatch by, written beside the rows that say the same."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain import symbols
from dispatcher.ledger.tables import dispatch_area, document_symbol, locality


def symbol(conn: Connection, text: str, bulletin_id: int) -> None:
    """Let a bulletin be found by its document symbol, and by each that it had before."""
    if text:
        _put(conn, document_symbol, [{"key": symbols.key(text), "bulletin_id": bulletin_id}])


def areas(conn: Connection, dispatch_id: int, audience: Mapping[str, Any]) -> None:
    """Let a dispatch be found by the areas it is for (``Audience.to_json``).

    A locality counts as its commune; lists and former recipients have no area.
    """
    of_localities = select(locality.c.area_code).where(
        locality.c.id.in_(audience.get("localities", ()))
    )
    codes = {*audience.get("areas", ()), *conn.scalars(of_localities)}
    if codes:
        rows = [{"area_code": code, "dispatch_id": dispatch_id} for code in sorted(codes)]
        _put(conn, dispatch_area, rows)


def _put(conn: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    conn.execute(dialect(table).on_conflict_do_nothing(), rows)
