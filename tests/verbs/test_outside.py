"""Approvals from outside hold one channel, visibly, and nothing else."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from dispatcher.answer_outside import answer_outside
from dispatcher.approve import approve
from dispatcher.ask_outside import ask_outside
from dispatcher.domain.errors import BadInput, Forbidden, NotFound
from dispatcher.domain.model import Level
from dispatcher.domain.status import Status
from dispatcher.ledger import waits
from dispatcher.ledger.sealer import Sealer
from dispatcher.ledger.verifying import verify
from tests.ledger.chronicle import KEY
from tests.ledger.world import NEIGHBOUR
from tests.verbs.office import Office, another_commune
from tests.verbs.provider import Provider

TEMPLATE = "Nội dung brandname UBND-GV"


@pytest.fixture
def held(office: Office, provider: Provider) -> tuple[int, int]:
    """(request, approval): five people, and a text that a carrier has not approved."""
    office.route(provider.url)
    office.people(5)
    _, version, approval = office.proposed(office.content(Level.EMERGENCY))
    number = ask_outside(office.ledger, office.author, version, "sms", TEMPLATE)
    approve(office.ledger, office.approver, approval)
    return number, approval


def answered(office: Office, number: int, *, granted: bool, word: str = "") -> None:
    answer_outside(office.ledger, office.queue, office.operator, number, granted=granted, word=word)


def test_a_channel_that_waits_is_held_and_says_why(office: Office, held: tuple[int, int]) -> None:
    place = office.place(office.submit(held[1]))
    office.expand()
    office.tick()
    assert office.deliver(0) == 0
    assert office.statuses(place) == {Status.PENDING: 5}
    assert office.alarms(place) == ["channel_held"]
    with office.ledger.read() as conn:
        assert f"sms: {TEMPLATE} chờ duyệt" in waits.reasons(conn, place.dispatch)


def test_what_is_granted_goes_out_and_the_alarm_is_cleared(
    office: Office, held: tuple[int, int]
) -> None:
    place = office.place(office.submit(held[1]))
    office.expand()
    office.tick()
    answered(office, held[0], granted=True)
    assert office.deliver(0) == 5
    office.tick()
    assert office.alarms(place) == []
    assert office.alarms(place, cleared=True) == ["channel_held"]


def test_what_is_refused_stays_held_with_their_words(office: Office, held: tuple[int, int]) -> None:
    place = office.place(office.submit(held[1]))
    office.expand()
    answered(office, held[0], granted=False, word="Sai tên thương hiệu")
    office.tick()
    assert office.deliver(0) == 0
    assert office.alarms(place) == ["channel_held"]


def test_a_grant_that_is_taken_back_stops_within_a_window(
    office: Office, held: tuple[int, int]
) -> None:
    place = office.place(office.submit(held[1]))
    office.expand()
    answered(office, held[0], granted=True)
    answered(office, held[0], granted=False)
    assert office.deliver(0) == 0
    assert office.statuses(place) == {Status.PENDING: 5}


def test_other_channels_and_other_bulletins_go_on(office: Office, held: tuple[int, int]) -> None:
    office.submit(held[1])
    other = office.started(office.content(Level.EMERGENCY))
    office.expand()
    assert office.deliver(0) == 5
    assert office.statuses(other) == {Status.ACCEPTED: 5}


def test_a_held_emergency_does_not_hold_up_lower_lanes(
    office: Office, held: tuple[int, int]
) -> None:
    office.submit(held[1])
    normal = office.started()
    assert office.deliver() == 5
    assert office.statuses(normal) == {Status.ACCEPTED: 5}


def test_only_the_author_s_agency_asks_and_only_operators_answer(
    office: Office, held: tuple[int, int]
) -> None:
    there = another_commune(office, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    with pytest.raises(NotFound):
        ask_outside(office.ledger, there.author, 1, "sms", TEMPLATE)
    with pytest.raises(NotFound):
        answer_outside(office.ledger, office.queue, there.operator, held[0], granted=True)
    with pytest.raises(Forbidden):
        answer_outside(office.ledger, office.queue, office.author, held[0], granted=True)


@pytest.mark.parametrize(
    ("channel", "subject"), [("zalo", "Mẫu 1"), ("sms", " "), ("sms", "x" * 201)]
)
def test_a_request_about_nothing_is_refused(
    office: Office, held: tuple[int, int], channel: str, subject: str
) -> None:
    with pytest.raises(BadInput):
        ask_outside(office.ledger, office.operator, 1, channel, subject)


TURNED = [
    "UPDATE outside_approval SET state = 'granted'",
    "UPDATE outside_approval SET channel = 'zalo'",
    "UPDATE outside_approval SET version_id = version_id + 1",
    "DELETE FROM outside_approval",
    "UPDATE outside_approval SET id = id + 5",
]


@pytest.mark.parametrize("statement", TURNED)
def test_a_hold_that_was_turned_behind_the_log_s_back_is_named(
    office: Office, held: tuple[int, int], statement: str
) -> None:
    Sealer(office.ledger, KEY, "a").seal()

    def named() -> list[str]:
        report = verify(office.ledger, public_key=KEY.public, origin=KEY.origin)
        return [each.where for each in report.findings if "outside" in each.where]

    assert named() == []
    with office.ledger.begin() as conn:
        conn.execute(text(statement))
    assert named()
