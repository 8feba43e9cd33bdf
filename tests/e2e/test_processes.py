"""The country's profile: PostgreSQL, Valkey, worker processes that are killed at work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import redis
import requests

from dispatcher import bootstrap
from dispatcher.bootstrap import Runtime
from dispatcher.config import Settings
from dispatcher.domain.model import Level
from dispatcher.domain.status import Status
from dispatcher.ledger.transition import Place
from dispatcher.ledger.verifying.verify import verify
from dispatcher.sim.launch import Started, start
from tests.e2e.works import Works, settings, until
from tests.ledger import world as worlds
from tests.ledger.databases import driver_url
from tests.servers.postgres import PostgresServer
from tests.verbs.office import Office

PEOPLE = 2_000
#: Parts a second: the campaign takes some seconds, so that there is a middle.
RATE = 400.0
LEASE_S = 4.0

pytestmark = pytest.mark.timeout(180)


@dataclass
class Country:
    """An installation with its workers, its provider and its office."""

    runtime: Runtime
    office: Office
    works: Works
    sim: Started

    def asked(self) -> Counter[str]:
        """Recipients as the provider saw them, and how often."""
        found = requests.get(f"{self.sim.control}/_sim/messages?limit=100000", timeout=10).json()
        return Counter(message["to"] for message in found)

    def sent(self, place: Place) -> int:
        row = self.office.counts(place).get("sms", {})
        return sum(row.get(status, 0) for status in (Status.ACCEPTED, Status.DELIVERED))

    def settled(self, place: Place) -> bool:
        """Nothing pending or sending any more."""
        row = self.office.counts(place).get("sms", {})
        open_ = row.get(Status.PENDING, 0) + row.get(Status.SENDING, 0)
        return sum(row.values()) == PEOPLE and open_ == 0

    def proves(self) -> list[str]:
        """What the auditor's check finds, once everything is sealed."""
        while self.runtime.sealer.seal():
            pass
        key = self.runtime.log_key
        report = verify(self.runtime.ledger, public_key=key.public, origin=key.origin)
        return [str(each) for each in report.findings]


@pytest.fixture
def country(
    postgres_server: PostgresServer, migrated_postgres: str, redis_url: str, tmp_path: Path
) -> Iterator[Country]:
    """Two thousand people, one route, no workers yet."""
    url = postgres_server.create(migrated_postgres)
    env = settings(driver_url(url), redis_url, tmp_path)
    named = {
        name.removeprefix("LOA_").lower(): value
        for name, value in env.items()
        if name.startswith("LOA_") and not name.startswith("LOA_TEST_")
    }
    runtime = bootstrap.build(Settings(_env_file=None, **named))
    bootstrap.prepare(runtime, kind="test")
    sim = start("twilio", manners={"latency": [0.01, 0.05]})
    office = Office(runtime.ledger, runtime.authoring, worlds.make(runtime.ledger), size=250)
    office.people(PEOPLE)
    office.route(sim.url, rate=RATE)
    works = Works(env, tmp_path / "work.log")
    yield Country(runtime, office, works, sim)
    works.stop()
    sim.stop()
    office.board.close()
    runtime.close()
    postgres_server.drop(url)


def begin(country: Country, level: Level = Level.NORMAL) -> Place:
    """Start the campaign and ring, as the command line does."""
    office = country.office
    place = office.start(office.content(level))
    country.runtime.queue.ring("expand")
    return place


def middle(country: Country, place: Place) -> None:
    until(lambda: country.sent(place) >= 300, 30, "the campaign is under way")
    assert not country.settled(place)


def test_a_campaign_survives_an_emptied_redis(country: Country) -> None:
    place = begin(country)
    country.works.start(2)
    middle(country, place)
    with redis.Redis.from_url(country.runtime.settings.redis_url) as client:
        client.flushall()
    until(lambda: country.settled(place), 60, "everybody has been written to")
    assert country.office.statuses(place) == {Status.ACCEPTED: PEOPLE}
    assert set(country.asked().values()) == {1}
    assert len(country.asked()) == PEOPLE
    assert country.proves() == []


def test_a_killed_worker_loses_nobody_and_doubles_at_most_what_was_in_its_hands(
    country: Country,
) -> None:
    place = begin(country, Level.EMERGENCY)
    country.works.start(2)
    middle(country, place)
    country.works.kill()
    until(lambda: country.settled(place), LEASE_S + 15 + PEOPLE / RATE + 10, "recovered")
    asked = country.asked()
    assert len(asked) == PEOPLE
    in_flight = 4 * int(RATE / 4)
    assert sum(asked.values()) - PEOPLE <= 2 * in_flight
    assert country.office.statuses(place) == {Status.ACCEPTED: PEOPLE}
    assert country.proves() == []


@pytest.mark.long
def test_a_killed_worker_holds_what_may_have_been_sent_of_a_notice(country: Country) -> None:
    place = begin(country)
    country.works.start(2)
    middle(country, place)
    country.works.kill()
    until(lambda: country.settled(place), 60, "recovered")
    found = country.office.statuses(place)
    assert found[Status.ACCEPTED] + found.get(Status.UNKNOWN, 0) == PEOPLE
    assert found.get(Status.UNKNOWN, 0) <= 8 * int(RATE / 4)
    assert set(country.asked().values()) == {1}
    assert country.proves() == []


@pytest.mark.long
def test_a_restart_of_everything_in_the_middle_finishes_the_campaign(country: Country) -> None:
    place = begin(country, Level.EMERGENCY)
    country.works.start(2)
    middle(country, place)
    country.works.stop()
    country.works.start(2)
    until(lambda: country.settled(place), 90, "finished by the next workers")
    assert len(country.asked()) == PEOPLE
    assert country.proves() == []


@pytest.mark.long
def test_workers_that_cannot_reach_redis_work_all_the_same(country: Country) -> None:
    place = begin(country)
    country.works = replace(country.works, env={**country.works.env, "LOA_TICK_S": "0.2"})
    country.works.start(2)
    middle(country, place)
    with redis.Redis.from_url(country.runtime.settings.redis_url) as client:
        client.execute_command("CLIENT", "PAUSE", "10000", "ALL")
    until(lambda: country.settled(place), 60, "everybody has been written to")
    assert country.office.statuses(place) == {Status.ACCEPTED: PEOPLE}
    assert set(country.asked().values()) == {1}
    assert country.proves() == []
