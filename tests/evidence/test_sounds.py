"""What was to be heard is in the bundle, and is what was approved."""

from __future__ import annotations

from pathlib import Path

from dispatcher.approve import approve
from dispatcher.author import Desk, author
from dispatcher.domain.audience import Audience
from dispatcher.domain.model import Mode
from dispatcher.evidence.verify import Brought, judge
from dispatcher.ledger import exhibits
from dispatcher.ledger.store import Ledger
from dispatcher.propose import propose
from dispatcher.terms import Wish
from tests.evidence import forging
from tests.evidence import story as stories
from tests.evidence.conftest import open_office
from tests.ledger.chronicle import KEY
from tests.ledger.world import COMMUNE


def test_a_sound_travels_with_its_words(sqlite_ledger: Ledger, desk: Desk, tmp_path: Path) -> None:
    office = open_office(sqlite_ledger, desk)
    office.people(3)
    office.route("http://provider.invalid")
    channels = ("sms", "loudspeaker")
    saved = author(sqlite_ledger, desk, office.author, office.content(), channels)
    wish = Wish(Audience(areas=(COMMUNE,)), ("sms",), Mode.TEST)
    approval = propose(sqlite_ledger, office.traits, office.author, saved.version, wish)
    approve(sqlite_ledger, office.approver, approval)
    number = office.submit(approval)
    office.board.close()
    stories.seal(sqlite_ledger)
    bundle = tmp_path / "bundle"
    stories.bundle(sqlite_ledger, bundle, exhibits.one(number, ""))
    assert judge(bundle, Brought(KEY.vkey(), ""))[0] == 0
    (sound,) = (bundle / "media").iterdir()
    sound.write_bytes(sound.read_bytes()[:-1])
    forging.resign(bundle)
    status, lines = judge(bundle, Brought(KEY.vkey(), ""))
    assert (status, sound.name in lines[0]) == (1, True)
