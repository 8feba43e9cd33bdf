"""Bringing a database to the present shape, and saying whether it has it."""

from importlib.resources import files

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from dispatcher.ledger import desk, keyring
from dispatcher.ledger.store import Ledger


def config() -> Config:
    """Where Alembic finds the migrations; the connection is given as an attribute."""
    made = Config()
    made.set_main_option("script_location", str(files("dispatcher.ledger") / "migrations"))
    return made


def upgrade(ledger: Ledger) -> None:
    """Run what has not run yet, and give a new database its keys.

    Safe to call from several processes: PostgreSQL takes turns.
    """
    made = config()
    with ledger.begin() as conn:
        if ledger.dialect == "postgresql":
            conn.exec_driver_sql("SELECT pg_advisory_xact_lock(7210416)")
        made.attributes["connection"] = conn
        command.upgrade(made, "head")
        keyring.begin(conn, ledger.roots, desk.now(conn))


def present(conn: Connection) -> str | None:
    """The revision a database is at, None if it is empty."""
    return MigrationContext.configure(conn).get_current_revision()


def head() -> str | None:
    """The revision this program needs."""
    return ScriptDirectory.from_config(config()).get_current_head()
