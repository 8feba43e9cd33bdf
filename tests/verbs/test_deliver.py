"""Sending: what each answer of a provider makes of a delivery, its route and its dispatch."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from sqlalchemy import insert, select, text

from dispatcher.batch_run import BatchRun
from dispatcher.cancel import cancel, pause, resume
from dispatcher.domain.audience import Audience
from dispatcher.domain.model import LANES, Level
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger import desk, routes
from dispatcher.ledger.tables import address, attempt, opt_out, route_health
from tests.ledger.world import NEIGHBOUR, NOW
from tests.verbs.conftest import Clock, Start
from tests.verbs.office import Office, another_commune, claim_of
from tests.verbs.provider import CUT, TAKEN, Answer, Provider, error

LANE = {Level.EMERGENCY: 0, Level.PRIORITY: 1, Level.NORMAL: 2}


def someone(number: int) -> str:
    return f"+8491234{number:04d}"


@contextmanager
def sending(office: Office, provider: Provider) -> Iterator[threading.Thread]:
    """A worker at work beside the test; answered and waited for at the end."""
    patient = {"lease_ms": 60_000}
    thread = threading.Thread(target=office.deliver, kwargs=patient, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        provider.gate.set()
        thread.join(20)
    assert not thread.is_alive()


def test_everybody_is_tried_once_and_named_by_our_own_reference(
    office: Office, provider: Provider
) -> None:
    office.people(250)
    office.route(provider.url)
    place = office.started()
    assert office.deliver() == 250
    assert office.counts(place) == {"sms": {Status.ACCEPTED: 250}}
    assert sorted(provider.recipients()) == [someone(n) for n in range(250)]
    for row in office.rows(place):
        ref = f"{place.dispatch}.{row.id}.1"
        assert (row.attempt, row.n, row.provider_ref, row.evidence) == (
            1,
            1,
            f"SM{ref}",
            Evidence.PROVIDER,
        )
    assert {each.state for each in office.cut(place)} == {2}
    assert office.deliver() == 0


#: What the provider says → what becomes of the delivery: status, reason, attempt, tried again.
OUTCOMES = [
    ("taken", TAKEN, Level.NORMAL, (Status.ACCEPTED, Reason.NONE, 1, False)),
    ("bad address", error(400, 21211), Level.NORMAL, (Status.FAILED, Reason.BAD_ADDRESS, 1, False)),
    ("opted out", error(400, 21610), Level.EMERGENCY, (Status.FAILED, Reason.OPTED_OUT, 1, False)),
    ("our mistake", error(400, 21609), Level.NORMAL, (Status.FAILED, Reason.INTERNAL, 1, False)),
    ("down", error(503, 20503), Level.NORMAL, (Status.PENDING, Reason.PROVIDER_ERROR, 2, True)),
    ("down", error(503, 20503), Level.EMERGENCY, (Status.PENDING, Reason.PROVIDER_ERROR, 2, True)),
    ("busy", error(429, 20429), Level.NORMAL, (Status.PENDING, Reason.RATE_LIMITED, 1, True)),
    ("no key", error(401, 20003), Level.NORMAL, (Status.PENDING, Reason.BAD_CREDENTIALS, 1, True)),
    ("perhaps", error(500, 20500), Level.NORMAL, (Status.UNKNOWN, Reason.PROVIDER_ERROR, 1, False)),
    (
        "perhaps",
        error(500, 20500),
        Level.EMERGENCY,
        (Status.PENDING, Reason.PROVIDER_ERROR, 2, True),
    ),
    (
        "perhaps",
        error(500, 20500),
        Level.PRIORITY,
        (Status.UNKNOWN, Reason.PROVIDER_ERROR, 1, False),
    ),
    ("cut off", CUT, Level.NORMAL, (Status.UNKNOWN, Reason.NO_CONNECTION, 1, False)),
    ("cut off", CUT, Level.EMERGENCY, (Status.PENDING, Reason.NO_CONNECTION, 2, True)),
]


@pytest.mark.parametrize(
    ("answer", "level", "expected"),
    [case[1:] for case in OUTCOMES],
    ids=[f"{case[0]}-{case[2]}" for case in OUTCOMES],
)
def test_an_answer_becomes_a_status_a_reason_and_perhaps_another_try(
    office: Office,
    provider: Provider,
    answer: Answer,
    level: Level,
    expected: tuple[Status, Reason, int, bool],
) -> None:
    office.people(1)
    office.route(provider.url)
    place = office.started(office.content(level))
    provider.answer = lambda asked: answer
    assert office.deliver(LANE[level]) == 1
    (row,) = office.rows(place)
    again = row.next_attempt_at is not None
    assert (Status(row.status), Reason(row.reason), row.attempt, again) == expected


def test_an_emergency_whose_fate_stays_open_is_resent_twice_and_then_held(
    clock: Clock, office: Office, provider: Provider
) -> None:
    office.people(1)
    office.route(provider.url)
    place = office.started(office.content(Level.EMERGENCY))
    provider.answer = lambda asked: CUT
    for _ in range(6):
        office.deliver(0)
        clock.ahead(200)
        office.tick()
    assert [asked.ref for asked in provider.asked] == [f"{place.dispatch}.1.{n}" for n in (1, 2, 3)]
    assert office.statuses(place) == {Status.UNKNOWN: 1}


def test_a_number_out_of_order_is_tried_as_often_as_its_level_says(
    clock: Clock, office: Office, provider: Provider
) -> None:
    office.people(1)
    office.route(provider.url)
    place = office.started()
    provider.answer = lambda asked: error(400, 21612)
    for _ in range(8):
        office.deliver()
        clock.ahead(10_000)
        office.tick()
    assert len(provider.asked) == 5
    (row,) = office.rows(place)
    assert (Status(row.status), Reason(row.reason)) == (Status.FAILED, Reason.RETRIES_USED)
    with office.ledger.read() as conn:
        kept = conn.execute(select(attempt).order_by(attempt.c.attempt)).all()
    assert [(each.attempt, Reason(each.reason)) for each in kept] == [
        (n, Reason.NO_ROUTE) for n in (1, 2, 3, 4)
    ]


def test_who_was_erased_in_the_meantime_is_not_written_to(
    office: Office, provider: Provider
) -> None:
    office.people(2)
    office.route(provider.url)
    place = office.started()
    with office.ledger.begin() as conn:
        conn.execute(address.update().where(address.c.id == 1).values(sealed=None))
    office.deliver()
    assert len(provider.asked) == 1
    assert office.reasons(place) == {Reason.ERASED: 1, Reason.NONE: 1}


# -- rates ----------------------------------------------------------------------------------------


def test_the_rate_is_kept_in_every_second_and_used(office: Office, simulator: Start) -> None:
    sim = simulator("twilio")
    rate, people, workers = 100.0, 300, 3
    office.size = 100
    office.people(people)
    office.route(sim.url, rate=rate)
    place = office.started()
    threads = [
        threading.Thread(target=office.deliver, kwargs={"holder": f"worker-{n}"}, daemon=True)
        for n in range(workers)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    seen = asked_of(sim.control)
    assert office.statuses(place) == {Status.ACCEPTED: people}
    # The simulator shares two cores with us and may itself be late by some hundredths of a second.
    assert seen["peak_requests"] <= 1.05 * rate
    per_second = list(seen["per_second"].values())
    assert max(per_second) >= 0.9 * rate


def asked_of(control: str) -> dict:
    return requests.get(f"{control}/_sim/seen", timeout=5).json()


def test_a_long_text_takes_as_many_slots_as_parts(office: Office, simulator: Start) -> None:
    sim = simulator("twilio")
    office.people(40)
    office.route(sim.url, rate=30.0, unaccent=False)
    long = {"sms": {"vi": "Nước sông Hoàng Long đang lên nhanh. " * 3 + "Hết."}}
    office.started(office.content(overrides=long))
    office.deliver()
    seen = asked_of(sim.control)
    assert seen["parts"] >= 3 * 40
    # A message is not divided: the tenth part of a second may hold one more.
    assert seen["peak_parts"] <= 30 + 3


def test_the_providers_pause_is_kept_and_costs_no_try(office: Office, provider: Provider) -> None:
    office.people(10)
    office.route(provider.url)
    place = office.started()
    provider.answer = lambda asked: error(429, 20429, Retry_After="1")
    office.deliver()
    refused = len(provider.asked)
    paused = provider.asked[-1].at
    provider.answer = lambda asked: TAKEN
    assert office.deliver() == 0
    finish(office, place)
    assert provider.asked[refused].at - paused >= 0.99
    assert {row.attempt for row in office.rows(place)} == {1}
    assert office.statuses(place) == {Status.ACCEPTED: 10}


def finish(office: Office, place, lane: int = 2, patience: int = 200) -> None:
    """Tick and deliver until nothing is left to be sent, some seconds at most."""
    for _ in range(patience):
        office.tick()
        office.deliver(lane)
        if not office.statuses(place).get(Status.PENDING):
            return
        time.sleep(0.05)


# -- routes ---------------------------------------------------------------------------------------


def test_a_failing_route_opens_its_circuit_and_the_tail_goes_by_another(
    office: Office, provider: Provider, second: Provider
) -> None:
    office.people(100)
    bad = office.route(provider.url, rate=40, weight=2, name="hỏng")
    good = office.route(second.url, rate=1_000, weight=1, name="tốt")
    place = office.started()
    provider.answer = lambda asked: error(503, 20503)
    office.deliver()
    assert len(provider.asked) == 10
    with office.ledger.read() as conn:
        health = dict(conn.execute(select(route_health.c.route_id, route_health.c.faults)).all())
    assert health == {bad: 1, good: 0}
    assert office.alarms(place) == ["route_failing"]
    assert office.statuses(place) == {Status.ACCEPTED: 90, Status.PENDING: 10}
    assert {row.route_id for row in office.rows(place) if row.status == Status.ACCEPTED} == {good}


def test_a_route_that_works_again_is_used_again(
    clock: Clock, office: Office, provider: Provider
) -> None:
    office.people(3)
    only = office.route(provider.url)
    place = office.started()
    provider.answer = lambda asked: error(503, 20503)
    office.deliver()
    provider.answer = lambda asked: TAKEN
    clock.ahead(60)
    office.tick()
    office.deliver()
    assert office.statuses(place) == {Status.ACCEPTED: 3}
    with office.ledger.read() as conn:
        assert routes.faults(conn, only) == 0


def test_bad_credentials_stop_the_route_and_the_dispatch_goes_on_by_another(
    clock: Clock, office: Office, provider: Provider, second: Provider
) -> None:
    office.people(20)
    bad = office.route(provider.url, rate=40, weight=2, name="sai khóa")
    office.route(second.url, weight=1, name="tốt")
    place = office.started()
    provider.answer = lambda asked: error(401, 20003)
    office.deliver()
    clock.ahead(10)
    office.tick()
    office.deliver()
    assert office.route_of(bad).stopped
    assert office.alarms(place) == ["route_stopped"]
    assert office.statuses(place) == {Status.ACCEPTED: 20}
    assert {row.attempt for row in office.rows(place)} == {1}


def test_without_another_route_the_dispatch_waits_for_a_person(
    clock: Clock, office: Office, provider: Provider
) -> None:
    office.people(20)
    bad = office.route(provider.url, rate=40)
    place = office.started()
    provider.answer = lambda asked: error(402, 0)
    office.deliver()
    clock.ahead(3_600)
    office.tick()
    assert office.deliver() == 0
    assert office.statuses(place) == {Status.PENDING: 20}
    provider.answer = lambda asked: TAKEN
    with office.ledger.begin() as conn:
        conn.execute(text("UPDATE route SET stopped_at = NULL WHERE id = :id"), {"id": bad})
    office.deliver()
    assert office.statuses(place) == {Status.ACCEPTED: 20}


def test_an_agency_without_an_open_route_does_not_hold_up_the_others(
    office: Office, provider: Provider, second: Provider
) -> None:
    stuck = another_commune(office, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    stuck.people(100, first=1_000, area=NEIGHBOUR)
    stuck.size = 5
    dead = stuck.route(provider.url, name="chết")
    waiting = stuck.started(audience=Audience(areas=(NEIGHBOUR,)))
    with office.ledger.begin() as conn:
        routes.stop(conn, dead, "hết tiền", NOW)
    office.people(5)
    office.route(second.url, name="tốt")
    place = office.started()
    assert office.deliver() == 5
    assert office.statuses(place) == {Status.ACCEPTED: 5}
    assert office.statuses(waiting) == {Status.PENDING: 100}


def test_a_route_that_is_set_up_wrongly_is_stopped_and_named(
    office: Office, provider: Provider, second: Provider
) -> None:
    office.people(5)
    wrong = office.route(provider.url, weight=2, settings={"account_sid": "không phải"})
    office.route(second.url, name="tốt")
    place = office.started()
    office.deliver()
    assert office.route_of(wrong).stopped
    assert office.alarms(place) == ["route_stopped"]
    assert office.statuses(place) == {Status.ACCEPTED: 5}


# -- texts ----------------------------------------------------------------------------------------


def test_a_refused_text_stops_a_normal_dispatch_and_says_why(
    office: Office, provider: Provider
) -> None:
    office.people(100)
    office.route(provider.url, rate=40)
    place = office.started()
    provider.answer = lambda asked: error(400, 21617)
    office.deliver()
    row = office.dispatch(place)
    assert (row.state, "too_long" in row.state_why) == ("stopped", True)
    assert office.alarms(place) == ["content_refused"]
    assert len(provider.asked) == 10
    assert office.statuses(place) == {Status.FAILED: 10, Status.PENDING: 90}


def test_a_refused_text_does_not_stop_an_emergency(office: Office, provider: Provider) -> None:
    office.people(100)
    office.route(provider.url, rate=400)
    place = office.started(office.content(Level.EMERGENCY))
    provider.answer = lambda asked: error(400, 21617) if int(asked.to[-1]) < 6 else TAKEN
    office.deliver(0)
    assert (office.state(place), office.alarms(place)) == ("running", ["content_refused"])
    assert office.statuses(place) == {Status.FAILED: 60, Status.ACCEPTED: 40}


# -- people who stop it ---------------------------------------------------------------------------


def test_a_pause_takes_effect_within_a_window_and_resume_sends_exactly_the_rest(
    office: Office, provider: Provider
) -> None:
    office.people(200)
    office.size = 200
    office.route(provider.url, rate=80)
    place = office.started()
    with sending(office, provider):
        provider.wait(30)
        pause(office.ledger, office.operator, place.dispatch, "xem lại")
        paused = len(provider.asked)
    assert len(provider.asked) - paused <= 20
    assert office.state(place) == "paused"
    assert office.deliver() == 0
    sent = office.statuses(place)[Status.ACCEPTED]
    assert sent == len(provider.asked)
    resume(office.ledger, office.queue, office.operator, place.dispatch, "tiếp tục")
    assert office.deliver() == 200 - sent
    assert sorted(provider.recipients()) == [someone(n) for n in range(200)]


@pytest.mark.parametrize(
    "scope", ["all", "agency:{agency}", "route:{route}", "dispatch:{dispatch}"]
)
def test_a_stop_takes_effect_within_a_window(
    office: Office, provider: Provider, scope: str
) -> None:
    office.people(200)
    office.size = 200
    route = office.route(provider.url, rate=80)
    place = office.started()
    named = scope.format(agency=office.world.commune, route=route, dispatch=place.dispatch)
    with sending(office, provider):
        provider.wait(30)
        with office.ledger.begin() as conn:
            desk.set_stop(conn, named, "dừng khẩn", None, NOW)
        stopped = len(provider.asked)
    assert len(provider.asked) - stopped <= 20
    assert office.deliver() == 0
    with office.ledger.begin() as conn:
        desk.lift_stop(conn, named)
    office.deliver()
    assert sorted(provider.recipients()) == [someone(n) for n in range(200)]


def test_a_cancel_in_the_middle_calls_off_what_was_not_sent_and_believes_what_was(
    office: Office, provider: Provider
) -> None:
    office.people(100)
    office.route(provider.url, rate=80)
    place = office.started()
    with sending(office, provider):
        provider.wait(20)
        provider.gate.clear()
        provider.wait(40)
        cancel(office.ledger, office.queue, office.operator, place.dispatch, "sai địa bàn")
        office.tick()
    office.tick()
    asked = len(provider.asked)
    assert 0 < asked < 100
    assert office.statuses(place) == {Status.ACCEPTED: asked, Status.CANCELLED: 100 - asked}
    assert office.dispatch(place).finished_at is not None
    assert office.deliver() == 0


def test_the_deadline_in_the_middle_expires_what_was_not_sent_and_believes_what_was(
    clock: Clock, office: Office, provider: Provider
) -> None:
    office.people(100)
    office.route(provider.url, rate=80)
    place = office.started(office.content(valid_ms=25_000))
    with sending(office, provider):
        provider.wait(20)
        provider.gate.clear()
        provider.wait(40)
        clock.ahead(25)
        office.tick()
    office.tick()
    asked = len(provider.asked)
    assert 0 < asked < 100
    assert office.statuses(place) == {Status.ACCEPTED: asked, Status.EXPIRED: 100 - asked}
    assert office.reasons(place)[Reason.DEADLINE] == 100 - asked


def test_nothing_is_retried_beyond_the_deadline(office: Office, provider: Provider) -> None:
    office.people(1)
    office.route(provider.url)
    place = office.started(office.content(valid_ms=20_000))
    provider.answer = lambda asked: error(400, 21612)
    office.deliver()
    (row,) = office.rows(place)
    assert (Status(row.status), Reason(row.reason)) == (Status.EXPIRED, Reason.DEADLINE)


@pytest.mark.parametrize("state", ["paused", "stopped"])
def test_what_is_held_beyond_its_deadline_expires_all_the_same(
    clock: Clock, office: Office, provider: Provider, state: str
) -> None:
    office.people(3)
    office.route(provider.url)
    place = office.started(office.content(valid_ms=1_800_000))
    with office.ledger.begin() as conn:
        conn.execute(text("UPDATE dispatch SET state = :state"), {"state": state})
    clock.ahead(1_801)
    office.tick()
    office.tick()
    assert office.statuses(place) == {Status.EXPIRED: 3}
    assert office.state(place) == "done"


def test_a_window_is_counted_as_sending_while_its_answers_are_awaited(
    office: Office, provider: Provider
) -> None:
    office.people(40)
    office.route(provider.url, rate=40)
    place = office.started()
    provider.gate.clear()
    with sending(office, provider):
        provider.wait(10)
        assert office.counts(place) == {"sms": {Status.SENDING: 10, Status.PENDING: 30}}


def test_no_database_lock_is_held_while_the_provider_thinks(
    office: Office, provider: Provider
) -> None:
    office.people(10)
    office.route(provider.url)
    office.started()
    provider.gate.clear()
    with sending(office, provider):
        provider.wait(10)
        with office.ledger.begin() as conn:
            conn.execute(text("UPDATE delivery SET lang = lang"))
            conn.execute(text("UPDATE batch SET agency_id = agency_id"))
            conn.execute(text("UPDATE route_health SET why = why"))


def test_one_batch_is_one_workers(office: Office, provider: Provider) -> None:
    office.people(10)
    office.route(provider.url)
    office.started()
    claimed = claim_of(office, lease_ms=15_000)
    assert office.deliver(holder="worker-2") == 0
    BatchRun(office.holding(claimed), office.channel(claimed.route), office.press).run()
    assert len(provider.asked) == 10


def test_who_opts_out_after_the_cut_is_spared_but_not_in_an_emergency(
    office: Office, provider: Provider
) -> None:
    office.people(3)
    office.route(provider.url)
    for level, spared in ((Level.NORMAL, 1), (Level.EMERGENCY, 0)):
        place = office.started(office.content(level))
        first = office.rows(place)[0].target_id
        with office.ledger.begin() as conn:
            conn.execute(text("DELETE FROM opt_out"))
            row = {"address_id": first, "channel": "*", "how": "reply", "since": 1}
            conn.execute(insert(opt_out), row)
        before = len(provider.asked)
        office.deliver(LANES.index(level))
        assert len(provider.asked) - before == 3 - spared
        assert office.rows(place)[0].status == (Status.SUPPRESSED if spared else Status.ACCEPTED)
