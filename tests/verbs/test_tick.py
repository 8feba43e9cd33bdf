"""What time brings: retries, deadlines, ends, seals, lost bells, names of the silent."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select, text

from dispatcher.afterwards import look_back
from dispatcher.domain.model import Level, Reference, StatusEvent
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger.tables import seal
from dispatcher.ledger.transition import Place
from tests.ledger import world as worlds
from tests.verbs.conftest import Clock
from tests.verbs.office import Office
from tests.verbs.provider import TAKEN, Provider, error

QUARTER_S, DAY_S = 900, 86_400


@pytest.fixture
def sent(clock: Clock, office: Office, provider: Provider) -> Place:
    """Five people, all written to; the first is a village head."""
    head = replace(worlds.person(office.world, 0), responsible=True, office="Trưởng thôn")
    worlds.add_people(office.ledger, [head])
    office.people(4, first=1)
    office.route(provider.url)
    place = office.started()
    office.deliver()
    return place


def word(place: Place, delivery: int, status: Status, evidence: Evidence) -> StatusEvent:
    return StatusEvent(Reference(place.dispatch, delivery, 1), status, evidence=evidence)


def seals_of(office: Office, place: Place) -> int:
    with office.ledger.read() as conn:
        own = seal.c.dispatch_id == place.dispatch
        return conn.scalar(select(func.count()).where(own)) or 0


def test_retries_are_gathered_once_under_many_clocks(
    clock: Clock, office: Office, provider: Provider
) -> None:
    office.people(40)
    office.route(provider.url)
    place = office.started()
    provider.answer = lambda asked: error(400, 21612)
    office.deliver()
    clock.ahead(600)
    clocks = [threading.Thread(target=office.tick, args=("same",)) for _ in range(4)]
    for each in clocks:
        each.start()
    for each in clocks:
        each.join(20)
    gathered = [number for each in office.cut(place) for number in each.ids or ()]
    assert sorted(gathered) == sorted(set(gathered))
    assert len(gathered) == 40
    provider.answer = lambda asked: TAKEN
    assert office.deliver() == 40
    assert office.statuses(place) == {Status.ACCEPTED: 40}


def test_a_dispatch_ends_when_every_word_is_in(office: Office, sent: Place) -> None:
    office.tick()
    assert (office.state(sent), seals_of(office, sent)) == ("running", 0)
    office.tell([word(sent, n, Status.DELIVERED, Evidence.CARRIER) for n in range(1, 6)])
    office.track()
    office.tick()
    assert (office.state(sent), seals_of(office, sent)) == ("done", 1)


def test_a_dispatch_ends_when_nothing_was_heard_for_a_quarter_of_an_hour(
    clock: Clock, office: Office, sent: Place
) -> None:
    clock.ahead(QUARTER_S - 5)
    office.tick()
    assert office.state(sent) == "running"
    clock.ahead(10)
    office.tick()
    assert (office.state(sent), office.statuses(sent)) == ("done", {Status.ACCEPTED: 5})


def test_what_was_never_heard_of_is_unknown_when_the_window_closes(
    clock: Clock, office: Office, sent: Place
) -> None:
    clock.ahead(QUARTER_S + 5)
    office.tick()
    clock.ahead(2 * DAY_S)
    look_back(office.settling(), "a")
    assert office.statuses(sent) == {Status.ACCEPTED: 5}
    clock.ahead(DAY_S)
    look_back(office.settling(), "b")
    assert office.statuses(sent) == {Status.UNKNOWN: 5}
    assert office.reasons(sent) == {Reason.WINDOW_CLOSED: 5}
    assert seals_of(office, sent) == 2


def test_a_word_after_the_end_brings_one_further_seal_even_after_the_roll_up(
    clock: Clock, office: Office, sent: Place
) -> None:
    office.tell([word(sent, n, Status.DELIVERED, Evidence.CARRIER) for n in range(1, 6)])
    office.track()
    office.tick()
    office.tell([word(sent, 2, Status.SEEN, Evidence.PERSON)])
    office.track()
    office.tick()
    for token in "ab":
        clock.ahead(61)
        look_back(office.settling(), token)
    assert seals_of(office, sent) == 2


def test_a_head_who_does_not_answer_is_named_once_and_no_longer_when_he_does(
    clock: Clock, office: Office, sent: Place
) -> None:
    clock.ahead(599)
    office.tick()
    assert office.alarms(sent) == []
    clock.ahead(5)
    office.tick()
    office.tick()
    assert office.alarms(sent) == ["no_answer"]
    office.tell([word(sent, 1, Status.SEEN, Evidence.PERSON)])
    office.track()
    office.tick()
    assert (office.alarms(sent), office.alarms(sent, cleared=True)) == ([], ["no_answer"])


def test_a_head_is_named_although_the_dispatch_came_to_its_end_before(
    clock: Clock, office: Office, sent: Place
) -> None:
    office.tell([word(sent, n, Status.DELIVERED, Evidence.CARRIER) for n in range(1, 6)])
    office.track()
    office.tick()
    assert office.state(sent) == "done"
    clock.ahead(605)
    office.tick()
    assert office.alarms(sent) == ["no_answer"]


def test_a_lost_bell_is_heard_at_the_next_beat(office: Office, provider: Provider) -> None:
    office.people(3)
    office.route(provider.url)
    heard: list[tuple[str, int]] = []
    for verb in ("expand", "deliver", "track"):
        office.queue.answer(verb, lambda lane, verb=verb: heard.append((verb, lane)))
    place = office.start(office.content(Level.PRIORITY))
    office.queue._waiting.clear()
    office.tick()
    office.expand()
    office.queue._waiting.clear()
    office.tick()
    office.tell([word(place, 1, Status.DELIVERED, Evidence.CARRIER)])
    office.tick()
    office.queue.run()
    assert {("deliver", 1), ("track", 0)} <= set(heard)


def test_while_one_clock_ticks_the_others_rest(clock: Clock, office: Office) -> None:
    office.people(1)
    office.route("http://127.0.0.1:9")
    place = office.start(start_at=office.now() + 1_000)
    office.tick("first")
    clock.ahead(5)
    office.tick("second")
    assert office.state(place) == "scheduled"
    clock.ahead(10)
    office.tick("second")
    assert office.state(place) == "running"


def test_roll_ups_lose_no_count(office: Office, sent: Place) -> None:
    before = office.counts(sent)
    office.tick()
    with office.ledger.read() as conn:
        assert conn.scalar(text("SELECT count(*) FROM tally_delta")) == 0
    assert office.counts(sent) == before == {"sms": {Status.ACCEPTED: 5}}
