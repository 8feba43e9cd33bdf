"""Naming the silent: once, without holding up anybody, and no longer when they answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import event

from dispatcher.answer import answer
from dispatcher.bootstrap import _heard
from dispatcher.domain.device import DeviceState
from dispatcher.domain.model import AddressKind, Level
from dispatcher.domain.status import Status
from dispatcher.ledger import desk as rows_of
from dispatcher.ledger import registry
from dispatcher.ledger.registry import NewSpeaker
from dispatcher.ledger.routes import NewRoute, add
from dispatcher.ledger.speakers import Stations
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Place
from dispatcher.watch import watch
from tests.ledger import world as worlds
from tests.ledger.world import COMMUNE, NOW
from tests.verbs.conftest import Clock
from tests.verbs.office import Office
from tests.verbs.provider import Provider

NEAR, FAR = "14464-C01", "14464-C02"
HEAD = "+84912340000"


def enrol(office: Office) -> Stations:
    """A station with two clusters in the office's commune, and the route to it."""
    with office.ledger.begin() as conn:
        station = registry.add_station(
            conn, agency_id=office.world.commune, area=COMMUNE, name="Đài xã", hours={}, now=NOW
        )
        village = office.world.localities[0]
        clusters = [
            NewSpeaker(station, NEAR, "Nhà văn hóa", village, bytes(32), True),
            NewSpeaker(station, FAR, "Đầu cầu", None, bytes(32), True),
        ]
        registry.add_speakers(conn, office.ledger.vault, clusters)
        route = NewRoute(
            agency=office.world.commune,
            channel="loudspeaker",
            provider="loa1",
            name="Đài xã",
            mode="test",
            settings={},
            rate=1000.0,
        )
        add(conn, office.ledger.vault, route)
    heard = partial(_heard, office.ledger, office.queue)
    return Stations(office.ledger, lambda manifest, body: "signed", office.now, heard)


class Station:
    """What the two clusters' devices do."""

    def __init__(self, office: Office, stations: Stations) -> None:
        self._office, self._stations = office, stations

    def call_in(self, *devices: str) -> None:
        now = self._office.now()
        self._stations.record_states([DeviceState(each, now, b"{}") for each in devices])


@pytest.fixture
def station(clock: Clock, office: Office) -> Station:
    stations = enrol(office)
    office.board._publisher = stations
    return Station(office, stations)


@pytest.fixture
def laid(station: Station, office: Office) -> Place:
    """A warning laid ready for both clusters, neither of which has been heard of."""
    place = office.started(office.content(Level.EMERGENCY), channels=("loudspeaker",))
    office.deliver(lane=0)
    assert office.statuses(place) == {Status.SENDING: 2}
    return place


@pytest.fixture
def asked(clock: Clock, office: Office, provider: Provider) -> Place:
    """Five people, all written to; the first is a village head."""
    head = replace(worlds.person(office.world, 0), responsible=True, office="Trưởng thôn")
    worlds.add_people(office.ledger, [head])
    office.people(4, first=1)
    office.route(provider.url)
    place = office.started()
    office.deliver()
    return place


def words(office: Office, place: Place) -> list[str]:
    with office.ledger.read() as conn:
        return [each.words for each in rows_of.alarms(conn, [place.dispatch])]


def test_a_silent_cluster_is_named_once_and_no_longer_when_it_answers(
    clock: Clock, office: Office, station: Station, laid: Place
) -> None:
    clock.ahead(125)
    station.call_in(NEAR)
    office.tick()
    assert office.alarms(laid) == []
    clock.ahead(10)
    for _ in range(3):
        office.tick()
    assert words(office, laid) == [f"Cụm loa {FAR} (Đầu cầu) không trả lời"]
    station.call_in(FAR)
    office.tick()
    assert (office.alarms(laid), office.alarms(laid, cleared=True)) == ([], ["silent_speaker"])


def test_where_a_silent_cluster_is_is_said(clock: Clock, office: Office, laid: Place) -> None:
    clock.ahead(135)
    office.tick()
    assert words(office, laid) == [
        f"Cụm loa {NEAR} (Nhà văn hóa, Thôn Đông) không trả lời",
        f"Cụm loa {FAR} (Đầu cầu) không trả lời",
    ]


def test_a_head_who_replies_1_is_not_named_any_longer(
    clock: Clock, office: Office, asked: Place
) -> None:
    clock.ahead(605)
    for _ in range(3):
        office.tick()
    assert words(office, asked) == ["Trưởng thôn Nguyễn Văn 0 chưa xác nhận"]
    assert answer(office.ledger, office.queue, "sms", AddressKind.PHONE, HEAD, "1")
    office.track()
    office.tick()
    assert (office.alarms(asked), office.alarms(asked, cleared=True)) == ([], ["no_answer"])


def test_a_head_who_replied_in_time_is_never_named(
    clock: Clock, office: Office, asked: Place
) -> None:
    answer(office.ledger, office.queue, "sms", AddressKind.PHONE, HEAD, "1")
    office.track()
    clock.ahead(605)
    office.tick()
    assert office.alarms(asked) == office.alarms(asked, cleared=True) == []


def statements(ledger: Ledger, work: Callable[[], None]) -> list[str]:
    """What the database was asked meanwhile."""
    asked: list[str] = []

    def listen(*told: object) -> None:
        asked.append(str(told[2]))

    event.listen(ledger.engine, "before_cursor_execute", listen)
    try:
        work()
    finally:
        event.remove(ledger.engine, "before_cursor_execute", listen)
    return asked


def test_whoever_only_looks_takes_no_writers_turn(
    clock: Clock, office: Office, laid: Place
) -> None:
    clock.ahead(135)
    look = partial(watch, office.ledger, office.traits, office.patience)
    first, again = statements(office.ledger, look), statements(office.ledger, look)
    assert any(each.startswith("INSERT INTO alarm") for each in first)
    assert [each for each in again if not each.startswith(("SELECT", "BEGIN"))] == []
    assert "BEGIN IMMEDIATE" not in again


def test_people_are_looked_for_now_and_then_and_their_answers_at_every_beat(
    clock: Clock, office: Office, asked: Place
) -> None:
    clock.ahead(605)
    look = partial(watch, office.ledger, office.traits, office.patience)
    first, again = statements(office.ledger, look), statements(office.ledger, look)
    assert any(each.startswith("INSERT INTO alarm") for each in first)
    assert [each for each in again if not each.startswith(("SELECT", "BEGIN"))] == []
    assert "BEGIN IMMEDIATE" not in again
    clock.ahead(16)
    later = statements(office.ledger, look)
    assert any(each.lstrip().startswith("INSERT INTO lease") for each in later)


def test_without_a_speaker_to_wait_for_no_delivery_is_read(
    clock: Clock, office: Office, asked: Place
) -> None:
    clock.ahead(300)
    look = partial(watch, office.ledger, office.traits, office.patience)
    assert [each for each in statements(office.ledger, look) if "FROM delivery" in each] == []
