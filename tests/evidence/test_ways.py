"""In every way in which a bulletin may go out, and in no other, its bundle holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dispatcher.author import Desk
from dispatcher.domain.approvals import How, VerbalOrder
from dispatcher.domain.content import Signatory
from dispatcher.domain.model import Level
from dispatcher.domain.wording import reworded
from dispatcher.evidence import verify
from dispatcher.evidence.verify import Act, Authority, Brought, Replay, Wrong, judge
from dispatcher.ledger import bulletins, exhibits, verifying
from dispatcher.ledger.store import Ledger
from dispatcher.release_on_behalf import release_on_behalf
from dispatcher.release_verbally import release_verbally
from dispatcher.revise import revise
from tests.evidence import story as stories
from tests.evidence.conftest import open_office
from tests.ledger.chronicle import KEY
from tests.verbs import night
from tests.verbs.office import Office


def by_two(office: Office) -> int:
    return office.submit(office.approved())


def edited(office: Office) -> int:
    _, version, approval = office.proposed()
    with office.ledger.read() as conn:
        written = bulletins.content_of(conn, version)
    new = reworded(written, {"body": "Mời bà con theo dõi loa của xã."})
    return office.submit(revise(office.ledger, office.desk, office.approver, approval, new))


def on_duty(office: Office) -> int:
    officer = night.duty_officer(office)
    night.shift(office, officer)
    return night.released(office, officer, night.preapproved(office)).dispatch


def verbal(office: Office) -> int:
    officer = night.duty_officer(office)
    night.shift(office, officer)
    _, _, approval = office.proposed(office.content(Level.EMERGENCY))
    order = VerbalOrder(by=office.approver.account, at=office.now() - 60_000, how=How.PHONE)
    return release_verbally(office.ledger, office.queue, office.traits, officer, approval, order)


def on_behalf(office: Office) -> int:
    province = night.person(office, office.world.province, "Bùi Thị Tỉnh", "approver")
    _, _, approval = office.proposed(office.content(Level.EMERGENCY))
    who = Signatory("Trần Văn Ký", "Phó Chánh Văn phòng")
    return release_on_behalf(office.ledger, office.queue, office.traits, province, approval, who)


WAYS = {
    "approve two_people": by_two,
    "revise two_people": edited,
    "release duty": on_duty,
    "release verbal": verbal,
    "release on_behalf": on_behalf,
}


@pytest.mark.parametrize("way", WAYS)
def test_a_bundle_holds_however_it_was_released(
    sqlite_ledger: Ledger, desk: Desk, tmp_path: Path, way: str
) -> None:
    office = open_office(sqlite_ledger, desk)
    office.people(3)
    office.route("http://provider.invalid")
    number = WAYS[way](office)
    office.expand()
    stories.seal(sqlite_ledger)
    office.board.close()
    report = verifying.verify(sqlite_ledger, public_key=KEY.public, origin=KEY.origin)
    assert report.findings == ()
    stories.bundle(sqlite_ledger, tmp_path / "bundle", exhibits.one(number, ""))
    status, lines = judge(tmp_path / "bundle", Brought(KEY.vkey(), ""))
    assert status == 0, lines
    assert any(way in line for line in lines)


# --- the acts of each way, and what may not be among them

PLAN = {"channels": ["sms"], "ceiling": 10}
BOUND = {"version": 1, "digest": "aa", "plan": PLAN}
DRAFT = Act("draft", "version:1", 1, 10, {"bulletin": 1, "digest": "aa"})
ASKED = Act("propose", "approval:1", 2, 20, BOUND)
START = Act("start", "dispatch:1", 9, 90, {"approval": 1, "digest": "aa", "plan": PLAN})


def released(name: str, actor: int, **facts: Any) -> Act:
    return Act(name, "approval:1", actor, 50, {**BOUND, "way": "two_people", **facts})


DUTY = [
    Act("open_shift", "shift:3", 4, 1, {"account": 5, "from": 0, "until": 60}),
    Act("propose_preapproved", "preapproved:6", 7, 2, {"digest": "cc"}),
    Act("decide_preapproved", "preapproved:6", 8, 3, {"digest": "cc", "state": "approved"}),
    DRAFT._replace(actor=5),
    released("release", 5, way="duty", shift=3, preapproved=6),
    START,
]
CASES: dict[str, list[Act]] = {
    "two people": [DRAFT, ASKED, released("approve", 3), START],
    "edited": [
        DRAFT,
        ASKED._replace(subject="approval:7"),
        Act("draft", "version:2", 3, 50, {"bulletin": 1, "digest": "bb"}),
        released("revise", 3, version=2, digest="bb", edited_from=1, supersedes=7),
        START._replace(facts={**START.facts, "digest": "bb"}),
    ],
    "duty": DUTY,
    "verbal": [DRAFT, ASKED, released("release", 5, way="verbal", order={"by": 3}), START],
    "on behalf": [DRAFT, ASKED, released("release", 8, way="on_behalf", signatory="ee"), START],
}


def judged(acts: list[Act]) -> None:
    replay = Replay()
    for act in acts:
        replay.acts.setdefault(act.subject, []).append(act)
    Authority(replay).approved(1)


@pytest.mark.parametrize("case", CASES)
def test_what_may_be_is_accepted(case: str) -> None:
    judged(CASES[case])


def instead(name: str, **changes: Any) -> Callable[[list[Act]], list[Act]]:
    """The act of a name with other fields or facts."""

    def change(acts: list[Act]) -> list[Act]:
        assert any(act.act == name for act in acts)
        fields = {key: value for key, value in changes.items() if key in Act._fields}
        facts = {key: value for key, value in changes.items() if key not in Act._fields}
        return [
            act._replace(**fields, facts={**act.facts, **facts}) if act.act == name else act
            for act in acts
        ]

    return change


def without(name: str) -> Callable[[list[Act]], list[Act]]:
    return lambda acts: [act for act in acts if act.act != name]


def with_act(act: Act) -> Callable[[list[Act]], list[Act]]:
    return lambda acts: [*acts, act]


FORBIDDEN = [
    ("two people", without("approve")),
    ("two people", without("propose")),
    ("two people", without("draft")),
    ("two people", with_act(released("approve", 3))),
    ("two people", with_act(START)),
    ("two people", instead("approve", actor=1)),
    ("two people", instead("approve", actor=2)),
    ("two people", instead("approve", actor=0)),
    ("two people", instead("approve", at=91)),
    ("two people", instead("approve", digest="bb")),
    ("two people", instead("approve", plan={**PLAN, "ceiling": 11})),
    ("two people", instead("propose", version=2)),
    ("two people", instead("draft", digest="bb")),
    ("two people", instead("start", digest="bb")),
    ("two people", instead("start", plan={**PLAN, "channels": ["zalo"]})),
    ("edited", instead("revise", actor=1)),
    ("edited", instead("revise", actor=2)),
    ("edited", instead("revise", plan={**PLAN, "ceiling": 11})),
    ("edited", without("propose")),
    ("duty", instead("open_shift", actor=5)),
    ("duty", instead("open_shift", account=6)),
    ("duty", instead("open_shift", until=50)),
    ("duty", instead("open_shift", **{"from": 51})),
    ("duty", without("open_shift")),
    ("duty", without("decide_preapproved")),
    ("duty", instead("decide_preapproved", actor=7)),
    ("duty", instead("decide_preapproved", state="returned")),
    ("duty", instead("decide_preapproved", digest="dd")),
    ("duty", instead("decide_preapproved", at=51)),
    ("duty", with_act(Act("withdraw_preapproved", "preapproved:6", 8, 40, {}))),
    ("duty", with_act(Act("cancel_shift", "shift:3", 4, 40, {}))),
    ("verbal", instead("release", order={"by": 1})),
    ("verbal", instead("release", order={"by": 2})),
    ("verbal", instead("release", order={"by": 5})),
    ("verbal", without("propose")),
    ("on behalf", instead("release", signatory="")),
    ("on behalf", instead("release", actor=1)),
    ("on behalf", instead("release", way="two_people")),
]


@pytest.mark.parametrize(("case", "change"), FORBIDDEN)
def test_what_may_not_be_is_wrong(case: str, change: Callable[[list[Act]], list[Act]]) -> None:
    with pytest.raises(Wrong) as found:
        judged(change(CASES[case]))
    assert found.value.code == "approval"
    assert found.value.told()


def test_a_channel_that_nobody_approved_is_wrong() -> None:
    replay = Replay()
    for act in CASES["two people"]:
        replay.acts.setdefault(act.subject, []).append(act)
    replay.channels[1] = {3: "trang/page 4"}
    with pytest.raises(Wrong) as found:
        Authority(replay).approved(1)
    assert (found.value.code, found.value.facts) == ("channel", {"found": verify.CHANNELS[3]})
