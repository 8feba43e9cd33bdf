"""`world`: a prepared installation with people and keys; `client`: its doors, in this process."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.testclient import TestClient

import api
from dispatcher.bootstrap import Runtime
from dispatcher.sim.launch import Started, start
from tests.web import world as worlds
from tests.web.world import World


@pytest.fixture(scope="session")
def provider() -> Iterator[Started]:
    """A simulated Twilio that reports nowhere: tests post its callbacks themselves."""
    running = start("twilio")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """A migrated installation with areas, to be copied: preparing one takes half a second.

    Its studio is every test's: a sound takes seconds to make, and is made once.
    """
    runtime = worlds.prepared(tmp_path_factory.mktemp("prepared"))
    yield runtime
    runtime.close()


@pytest.fixture
def world(first: Runtime, tmp_path: Path, provider: Started) -> Iterator[World]:
    """An installation of this test's own."""
    shutil.copytree(first.settings.data_dir, tmp_path / "data")
    runtime = replace(worlds.prepared(tmp_path / "data"), authoring=first.authoring)
    yield worlds.people_of(runtime, provider.url)
    runtime.close()


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    """The application in this process, as nobody."""
    with TestClient(api.create_app(world.runtime), raise_server_exceptions=False) as opened:
        yield opened
