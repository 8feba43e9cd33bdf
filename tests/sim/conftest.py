"""Simulators in processes of their own, one per module and option set."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from dispatcher.sim.launch import Started, start
from tests.sim.listening import Mailbox, mailbox

Start = Callable[..., Started]


@pytest.fixture(scope="module")
def simulator() -> Iterator[Start]:
    """start() whose processes end with the module."""
    running: list[Started] = []

    def begin(name: str, **options: object) -> Started:
        running.append(start(name, **options))
        return running[-1]

    yield begin
    for started in running:
        started.stop()


@pytest.fixture
def box() -> Iterator[Mailbox]:
    """A callback address."""
    with mailbox() as opened:
        yield opened
