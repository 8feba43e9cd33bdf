"""`office`: an installation of a commune on each kind of database; `provider`, `simulator`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import text

from dispatcher.author import Desk
from dispatcher.bootstrap import templates_dir
from dispatcher.domain.canonical import plain
from dispatcher.domain.templates import load_messages
from dispatcher.ledger import bulletins, store
from dispatcher.ledger.store import Ledger
from dispatcher.sim.launch import Started, start
from dispatcher.speech.espeak import EspeakVoice
from dispatcher.studio import READERS, SpeechStudio
from tests.ledger import world as worlds
from tests.verbs import provider as providers
from tests.verbs.office import Office
from tests.verbs.provider import Provider

Start = Callable[..., Started]


@pytest.fixture(scope="session")
def desk() -> Iterator[Desk]:
    """Kinds, wording and a voice; sounds once made are kept for all tests."""
    voice = EspeakVoice()
    kinds, templates = load_messages(templates_dir() / "messages")
    yield Desk(kinds, templates, READERS, SpeechStudio(voice))
    voice.close()


@pytest.fixture
def office(ledger: Ledger, desk: Desk) -> Iterator[Office]:
    """A commune of nobody yet, without routes."""
    with ledger.begin() as conn:
        bulletins.put_kinds(conn, {code: plain(kind) for code, kind in desk.kinds.items()})
    opened = Office(ledger, desk, worlds.make(ledger))
    yield opened
    opened.board.close()


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that does as the test says."""
    with providers.serve() as opened:
        yield opened


@pytest.fixture
def second() -> Iterator[Provider]:
    """Another one."""
    with providers.serve() as opened:
        yield opened


@pytest.fixture
def simulator() -> Iterator[Start]:
    """start() whose processes end with the test."""
    running: list[Started] = []

    def begin(name: str, **options: object) -> Started:
        running.append(start(name, **options))
        return running[-1]

    yield begin
    for started in running:
        started.stop()


class Clock:
    """The database's clock, which a test may move ahead: hours of waiting take no time."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def ahead(self, seconds: float) -> None:
        with self._ledger.begin() as conn:
            conn.execute(text("UPDATE test_clock SET ahead = ahead + :ms"), {"ms": seconds * 1000})


@pytest.fixture
def clock(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Ask for it before ``office``: statements keep the clock they were compiled with."""
    now = store.NOW[ledger.dialect]
    monkeypatch.setitem(store.NOW, ledger.dialect, f"({now} + (SELECT ahead FROM test_clock))")  # noqa: S608
    with ledger.begin() as conn:
        conn.execute(text("CREATE TABLE test_clock (ahead BIGINT NOT NULL)"))
        conn.execute(text("INSERT INTO test_clock VALUES (0)"))
    return Clock(ledger)
