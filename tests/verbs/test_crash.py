"""What a crash costs: nothing forgotten, nothing sent twice in silence, every decision an entry."""

from __future__ import annotations

import base64
import time
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from dispatcher.batch_run import BatchRun
from dispatcher.cancel import cancel
from dispatcher.domain.model import Level, Reference, StatusEvent
from dispatcher.domain.status import Reason, Status
from dispatcher.ledger import backlog, batches, receipts, routes
from dispatcher.ledger.tables import page, receipt
from dispatcher.ledger.transition import Place
from dispatcher.recover import recover
from dispatcher.sim import credentials
from tests.verbs.conftest import Clock, Start
from tests.verbs.office import HOUR_MS, Office, claim_of
from tests.verbs.provider import TAKEN, Provider, error
from tests.verbs.test_deliver import LANE


def lapse(office: Office) -> None:
    """All leases run out now."""
    with office.ledger.begin() as conn:
        conn.execute(text("UPDATE batch SET lease_until = 0 WHERE state = 1"))


def crashed(office: Office, lane: int, sent: int) -> batches.Claim:
    """A worker wrote the intent of ``sent`` deliveries of a batch and was never heard of again."""
    claimed = claim_of(office, lane, holder="vanished", lease_ms=60_000)
    with office.ledger.begin() as conn:
        assert batches.intend(conn, claimed, "vanished", claimed.lo - 1 + sent)
    lapse(office)
    return claimed


def acts(office: Office, place: Place, name: str) -> int:
    """How many pages of a dispatch enter an act of this name."""
    with office.ledger.read() as conn:
        bodies = conn.scalars(select(page.c.body).where(page.c.dispatch_id == place.dispatch))
        return sum(name.encode() in bytes(body) for body in bodies)


@pytest.fixture
def ready(office: Office, provider: Provider) -> Office:
    office.people(20)
    office.route(provider.url)
    return office


@pytest.mark.parametrize("level", [Level.NORMAL, Level.PRIORITY])
def test_what_may_have_been_sent_is_held_and_the_rest_goes_on(
    ready: Office, provider: Provider, level: Level
) -> None:
    place = ready.started(ready.content(level))
    crashed(ready, LANE[level], sent=5)
    assert ready.deliver(LANE[level]) == 15
    assert ready.statuses(place) == {Status.UNKNOWN: 5, Status.ACCEPTED: 15}
    assert ready.reasons(place) == {Reason.CRASH: 5, Reason.NONE: 15}
    assert acts(ready, place, "recover_batch") == 1
    assert all(row.n == 1 for row in ready.rows(place))


def test_an_emergency_is_rather_sent_twice_than_not_at_all(
    clock: Clock, ready: Office, provider: Provider
) -> None:
    place = ready.started(ready.content(Level.EMERGENCY))
    crashed(ready, 0, sent=5)
    ready.deliver(0)
    clock.ahead(2)
    ready.tick()
    ready.deliver(0)
    assert ready.statuses(place) == {Status.ACCEPTED: 20}
    assert sorted(row.attempt for row in ready.rows(place)) == [1] * 15 + [2] * 5
    assert len(provider.asked) == 20


def test_a_provider_that_drops_repeats_gets_the_same_reference_again(
    clock: Clock, office: Office, simulator: Start
) -> None:
    carrier = simulator("carrier")
    office.people(1)
    settings = {
        "base_url": carrier.url,
        "key_id": "loa-drill-sim",
        "signing_key": base64.b64encode(b"\x44" * 32).decode(),
        "drill": True,
        "callback_secret": credentials.CARRIER_CALLBACK_SECRET,
    }
    with office.ledger.begin() as conn:
        new = routes.NewRoute(
            office.world.commune, "ringback", "carrier", "nhà mạng", "test", settings, 5.0
        )
        routes.add(conn, office.ledger.vault, new)
    place = office.started(
        office.content(valid_ms=HOUR_MS, drill=True, symbol="12/TB-UBND"), channels=("ringback",)
    )
    crashed(office, 2, sent=1)
    office.deliver()
    (row,) = office.rows(place)
    assert (Status(row.status), row.attempt) == (Status.PENDING, 1)
    clock.ahead(2)
    office.tick()
    office.deliver()
    (row,) = office.rows(place)
    assert (Status(row.status), Reason(row.reason), row.attempt) == (
        Status.ACCEPTED,
        Reason.NONE,
        1,
    )


def test_a_word_that_came_in_the_meantime_settles_what_was_ambiguous(
    ready: Office, provider: Provider
) -> None:
    place = ready.started()
    claimed = claim_of(ready, holder="vanished", lease_ms=60_000)
    with ready.ledger.begin() as conn:
        assert batches.intend(conn, claimed, "vanished", 5)
    ready.tell([StatusEvent(Reference(place.dispatch, n, 1), Status.DELIVERED) for n in (1, 2)])
    assert ready.track() == 0
    lapse(ready)
    ready.deliver()
    assert ready.statuses(place) == {
        Status.DELIVERED: 2,
        Status.UNKNOWN: 3,
        Status.ACCEPTED: 15,
    }


def test_a_retry_that_waits_in_a_batch_of_its_own_is_not_ambiguous(
    clock: Clock, ready: Office, provider: Provider
) -> None:
    place = ready.started(ready.content(Level.PRIORITY))
    claimed = claim_of(ready, 1, holder="vanished", lease_ms=600_000)
    provider.answer = lambda asked: error(400, 21612)
    with ready.ledger.begin() as conn:
        conn.execute(text("UPDATE batch SET hi = 3"))
    short = replace(claimed, hi=3)
    BatchRun(ready.holding(short, holder="vanished"), ready.channel(1), ready.press).run()
    with ready.ledger.begin() as conn:
        conn.execute(text("UPDATE batch SET state = 1, hi = 20, holder = 'vanished'"))
    clock.ahead(10)
    ready.tick()
    assert [each.count for each in ready.cut(place)] == [20, 3]
    lapse(ready)
    provider.answer = lambda asked: TAKEN
    ready.deliver(1)
    assert ready.statuses(place) == {Status.ACCEPTED: 20}


def test_who_was_fenced_off_stops_and_leaves_what_he_knows_in_the_inbox(
    office: Office, provider: Provider
) -> None:
    office.people(60)
    office.route(provider.url, rate=80)
    place = office.started()
    first = claim_of(office, holder="slow", lease_ms=60_000)
    run = BatchRun(office.holding(first, "slow", 60_000), office.channel(first.route), office.press)

    def thief(asked) -> object:
        if len(provider.asked) == 30:
            lapse(office)
            stolen.append(claim_of(office, holder="quick", lease_ms=60_000))
        return TAKEN

    stolen: list[batches.Claim] = []
    provider.answer = thief
    assert run.run() == 40
    assert len(provider.asked) == 40
    assert office.statuses(place) == {Status.ACCEPTED: 20, Status.PENDING: 40}
    with office.ledger.read() as conn:
        left = conn.execute(select(receipt).order_by(receipt.c.delivery_id)).all()
    assert [(row.delivery_id, row.attempt, row.state) for row in left] == [
        (n, 1, receipts.NEW) for n in range(21, 41)
    ]
    lapse(office)
    office.deliver()
    assert office.statuses(place) == {Status.ACCEPTED: 60}
    assert len(provider.asked) == 60


def test_a_lease_is_kept_while_a_provider_is_slow(office: Office, provider: Provider) -> None:
    office.people(2)
    office.route(provider.url)
    place = office.started()
    provider.answer = lambda asked: (time.sleep(1.5), TAKEN)[1]
    claimed = claim_of(office, holder="slow", lease_ms=600)
    BatchRun(
        office.holding(claimed, "slow", 600), office.channel(claimed.route), office.press
    ).run()
    assert office.statuses(place) == {Status.ACCEPTED: 2}


def test_a_batch_that_crashed_twice_is_halved(ready: Office) -> None:
    place = ready.started()
    crashed(ready, 2, sent=0)
    crashed(ready, 2, sent=0)
    claimed = claim_of(ready, holder="third", lease_ms=60_000)
    assert not recover(ready.holding(claimed, "third"), ready.traits)
    assert [(each.state, each.lo, each.hi, each.count) for each in ready.cut(place)] == [
        (2, 1, 20, 20),
        (0, 1, 10, 10),
        (0, 11, 20, 10),
    ]
    assert ready.deliver() == 20
    assert ready.statuses(place) == {Status.ACCEPTED: 20}


def test_what_a_vanished_worker_may_have_sent_is_unknown_even_when_the_dispatch_is_called_off(
    ready: Office,
) -> None:
    place = ready.started()
    crashed(ready, 2, sent=5)
    cancel(ready.ledger, ready.queue, ready.operator, place.dispatch, "sai")
    ready.tick()
    assert ready.statuses(place) == {Status.UNKNOWN: 5, Status.CANCELLED: 15}


def test_a_restart_of_the_only_process_frees_what_it_held(ready: Office) -> None:
    ready.started()
    claim_of(ready, holder="before", lease_ms=60_000)
    assert ready.deliver() == 0
    with ready.ledger.begin() as conn:
        backlog.void_leases(conn)
    assert ready.deliver() == 20
