"""Taking the triggers away, as only a database's owner can, to see what they had kept."""

from __future__ import annotations

from sqlalchemy import Connection, text

from dispatcher.ledger.tables import APPEND_ONLY

_SQLITE = "SELECT name FROM sqlite_master WHERE type = 'trigger'"


def drop_guards(conn: Connection) -> None:
    """Make every append-only table an ordinary one."""
    if conn.dialect.name == "sqlite":
        for name in list(conn.scalars(text(_SQLITE))):
            conn.execute(text(f"DROP TRIGGER {name}"))
        return
    for table in APPEND_ONLY:
        for what in ("change", "truncate"):
            conn.execute(text(f"DROP TRIGGER {table.name}_no_{what} ON {table.name}"))
