"""The fixture `ledger`, for every test: an empty one with all areas, on each kind of database.

Migrations and areas are made once per kind and worker; each test gets a copy (some 10 ms).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from dispatcher.ledger import areas, migrate
from dispatcher.ledger.keyring import Roots
from dispatcher.ledger.store import Ledger, open_ledger
from tests.servers.postgres import PostgresServer, database_of

ROOTS = Roots(bytes(range(32)))


def driver_url(url: str) -> str:
    """A server's URL as SQLAlchemy wants it: with the driver's name."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def _prepare(url: str) -> None:
    """Bring an empty database to the present shape and load the areas; leave nobody connected."""
    made = open_ledger(url, ROOTS)
    try:
        migrate.upgrade(made)
        with made.begin() as conn:
            areas.load(conn)
    finally:
        made.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database file with areas, to be copied."""
    path = tmp_path_factory.mktemp("template") / "loa.db"
    _prepare(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> Iterator[str]:
    """The name of a migrated database with areas, to be copied."""
    url = postgres_server.create()
    _prepare(driver_url(url))
    yield database_of(url)
    postgres_server.drop(url)


@pytest.fixture
def sqlite_ledger(sqlite_template: Path, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger with areas in a SQLite file."""
    path = tmp_path / "loa.db"
    shutil.copyfile(sqlite_template, path)
    opened = open_ledger(f"sqlite:///{path}", ROOTS)
    yield opened
    opened.close()


@pytest.fixture
def postgres_ledger(postgres_server: PostgresServer, migrated_postgres: str) -> Iterator[Ledger]:
    """An empty ledger with areas in PostgreSQL."""
    url = postgres_server.create(migrated_postgres)
    opened = open_ledger(driver_url(url), ROOTS)
    yield opened
    opened.close()
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    """An empty ledger with areas; the test runs on each kind of database."""
    name = {"sqlite": "sqlite_ledger", "postgresql": "postgres_ledger"}[request.param]
    opened = request.getfixturevalue(name)
    assert isinstance(opened, Ledger)
    return opened
