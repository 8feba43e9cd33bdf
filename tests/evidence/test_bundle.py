"""A bundle proves what it says on a machine that has nothing of ours."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from dispatcher.author import Desk
from dispatcher.ledger.exhibits import Scope
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import dispatch
from tests.evidence import story as stories
from tests.evidence.conftest import Made, open_office
from tests.evidence.story import judge
from tests.ledger.chronicle import KEY


def test_a_bundle_and_an_older_checkpoint_prove_it(made: Made) -> None:
    status, said = judge(made.bundle, "--checkpoint", str(made.old))
    assert status == 0, said
    assert "two_people" in said
    assert "9 lượt gửi" in said


def test_each_kind_of_database_makes_bundles_that_hold(
    ledger: Ledger, desk: Desk, tmp_path: Path
) -> None:
    office = open_office(ledger, desk)
    story = stories.tell(office)
    office.board.close()
    path = stories.whole(ledger, story, tmp_path / "bundle")
    assert judge(path, "--key", KEY.vkey()).status == 0
    everything = tmp_path / "everything"
    stories.bundle(ledger, everything, Scope(select(dispatch.c.id), whole=True))
    assert judge(everything, "--key", KEY.vkey()).status == 0
