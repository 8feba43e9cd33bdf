"""Fixtures that every test may ask for: real servers, started when first asked for.

Each pytest-xdist worker has servers of its own: two small servers start sooner than workers can
agree on sharing one, and they end with the worker that started them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.servers import browser as chromium
from tests.servers import postgres, smtp, valkey


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.PostgresServer]:
    """For a module that wants databases besides `postgres_url`, or a template of its own."""
    with postgres.serve() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template() -> str:
    """The database that `postgres_url` copies; a folder's conftest may give a migrated one."""
    return "template0"


@pytest.fixture(scope="module")
def postgres_url(postgres_server: postgres.PostgresServer, postgres_template: str) -> Iterator[str]:
    """A fresh PostgreSQL database for this module."""
    url = postgres_server.create(postgres_template)
    yield url
    postgres_server.drop(url)


@pytest.fixture(scope="session")
def _redis_url() -> Iterator[str]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    with valkey.serve(int(worker)) as url:
        yield url


@pytest.fixture(scope="module")
def redis_url(_redis_url: str) -> str:
    """A Valkey database, empty when this module starts."""
    valkey.empty(_redis_url)
    return _redis_url


@pytest.fixture
def smtp_server() -> Iterator[smtp.SmtpServer]:
    """A mail server without mail."""
    with smtp.serve() as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium. Not for the whole session: Playwright keeps an event loop running in this thread,
    and other modules' tests run loops of their own."""
    with chromium.serve() as started:
        yield started


#: `ledger`, on SQLite and on PostgreSQL.
pytest_plugins = ["tests.ledger.databases"]
