"""`made`: a ledger with a story, its bundle and the checkpoint an auditor holds; made once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from dispatcher.author import Desk
from dispatcher.domain.canonical import plain
from dispatcher.ledger import bulletins
from dispatcher.ledger.store import Ledger, open_ledger
from tests.evidence import story as stories
from tests.evidence.story import Story
from tests.ledger import world as worlds
from tests.ledger.databases import ROOTS
from tests.verbs.conftest import desk
from tests.verbs.office import Office

__all__ = ["desk"]


@dataclass(frozen=True)
class Made:
    """``old``: the auditor's file. Nothing of it is to be changed: copy first."""

    database: Path
    story: Story
    bundle: Path
    old: Path


def open_office(ledger: Ledger, desk: Desk) -> Office:
    with ledger.begin() as conn:
        bulletins.put_kinds(conn, {code: plain(kind) for code, kind in desk.kinds.items()})
    return Office(ledger, desk, worlds.make(ledger))


@pytest.fixture(scope="session")
def made(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory, desk: Desk) -> Made:
    folder = tmp_path_factory.mktemp("story")
    database = folder / "loa.db"
    shutil.copyfile(sqlite_template, database)
    ledger = open_ledger(f"sqlite:///{database}", ROOTS)
    office = open_office(ledger, desk)
    story = stories.tell(office)
    office.board.close()
    bundle = stories.whole(ledger, story, folder / "bundle")
    ledger.close()
    old = folder / "checkpoint-in-march"
    old.write_text(story.old, encoding="utf-8")
    return Made(database, story, bundle, old)


@pytest.fixture
def told(made: Made, tmp_path: Path) -> Iterator[Ledger]:
    """The story's ledger in a copy of the test's own, with its triggers."""
    database = tmp_path / "loa.db"
    shutil.copyfile(made.database, database)
    ledger = open_ledger(f"sqlite:///{database}", ROOTS)
    yield ledger
    ledger.close()
