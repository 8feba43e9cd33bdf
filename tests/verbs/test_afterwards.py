"""What is done to the past: only what has changed is written, and nobody waits for a look."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from dispatcher.afterwards import look_back
from dispatcher.domain.model import Reference, StatusEvent
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger import dispatches
from dispatcher.ledger.tables import seal
from dispatcher.ledger.transition import Place
from tests.verbs.conftest import Clock
from tests.verbs.office import Office
from tests.verbs.provider import Provider
from tests.verbs.test_watch import statements

QUARTER_S, DAY_S = 900, 86_400


@pytest.fixture
def done(clock: Clock, office: Office, provider: Provider) -> Place:
    """Three people written to, no word about any of them, the dispatch at its end."""
    office.people(3)
    office.route(provider.url)
    place = office.started()
    office.deliver()
    clock.ahead(QUARTER_S + 5)
    office.tick()
    assert office.state(place) == "done"
    return place


def seals_of(office: Office, place: Place) -> int:
    with office.ledger.read() as conn:
        own = seal.c.dispatch_id == place.dispatch
        return conn.scalar(select(func.count()).where(own)) or 0


def awaited(office: Office, *channels: str) -> list[int]:
    with office.ledger.read() as conn:
        return [row.id for row in dispatches.listening(conn, channels)]


def test_words_are_awaited_only_on_channels_that_bring_them(office: Office, done: Place) -> None:
    assert awaited(office, "sms", "zalo") == [done.dispatch]
    assert awaited(office, "zalo") == awaited(office) == []


def test_a_channel_without_receipts_is_never_closed(
    clock: Clock, office: Office, done: Place
) -> None:
    office.traits["sms"] = replace(office.traits["sms"], receipts=False)
    clock.ahead(30 * DAY_S)
    look_back(office.settling(), "a")
    assert (office.statuses(done), seals_of(office, done)) == ({Status.ACCEPTED: 3}, 1)


def test_where_nothing_changed_nothing_is_locked_and_no_delivery_is_read(
    clock: Clock, office: Office, done: Place
) -> None:
    asked = statements(office.ledger, lambda: look_back(office.settling(), "a"))
    assert [each for each in asked if each.startswith("LOCK") or "FROM delivery" in each] == []
    # The lease, and no other writer's turn.
    assert sum(each.startswith(("INSERT", "UPDATE", "\nINSERT")) for each in asked) == 1
    assert seals_of(office, done) == 1


def test_a_window_closes_once_for_those_of_whom_nothing_was_heard(
    clock: Clock, office: Office, done: Place
) -> None:
    word = StatusEvent(Reference(done.dispatch, 2, 1), Status.DELIVERED, evidence=Evidence.CARRIER)
    office.tell([word])
    office.track()
    office.tick()
    clock.ahead(3 * DAY_S)
    for token in "abc":
        look_back(office.settling(), token)
        office.tick()
        clock.ahead(61)
    assert office.statuses(done) == {Status.UNKNOWN: 2, Status.DELIVERED: 1}
    assert office.reasons(done)[Reason.WINDOW_CLOSED] == 2
    assert seals_of(office, done) == 2
