"""Who goes first: emergencies before everything, small agencies beside large ones."""

from __future__ import annotations

import threading

import pytest

from dispatcher.domain.audience import Audience
from dispatcher.domain.model import Level
from dispatcher.domain.status import Status
from dispatcher.ledger import desk
from tests.ledger.world import NEIGHBOUR, NOW
from tests.verbs.office import Office, another_commune, claim_of
from tests.verbs.provider import Provider


@pytest.fixture
def neighbour(office: Office, provider: Provider) -> Office:
    """Another commune that shares the province's route with us."""
    office.route(provider.url, agency=office.world.province, rate=200)
    there = another_commune(office, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    there.people(50, first=5_000, area=NEIGHBOUR)
    return there


def test_an_emergency_in_the_middle_of_a_campaign_goes_first(
    office: Office, neighbour: Office, provider: Provider
) -> None:
    office.people(300)
    office.size = 300
    office.started()
    worker = threading.Thread(target=office.deliver, daemon=True)
    worker.start()
    provider.wait(60)
    alert = neighbour.content(Level.EMERGENCY)
    urgent = neighbour.started(alert, audience=Audience(areas=(NEIGHBOUR,)))
    before = len(provider.asked)
    neighbour.deliver(0, holder="emergency")
    worker.join(20)
    assert neighbour.statuses(urgent) == {Status.ACCEPTED: 50}
    since = [asked.ref.startswith(f"{urgent.dispatch}.") for asked in provider.asked[before:]]
    last = len(since) - 1 - since[::-1].index(True)
    assert last + 1 - 50 <= 100
    office.deliver()
    assert len(set(provider.recipients())) == 350


def test_lower_lanes_wait_while_an_emergency_is_ready(office: Office, neighbour: Office) -> None:
    office.people(5)
    office.started()
    neighbour.started(neighbour.content(Level.EMERGENCY), audience=Audience(areas=(NEIGHBOUR,)))
    assert office.deliver() == 0
    assert office.deliver(0) == 50
    assert office.deliver() == 5


@pytest.mark.parametrize("scope", ["agency:{agency}", "dispatch:{dispatch}"])
def test_an_emergency_that_is_stopped_holds_up_nobody(
    office: Office, neighbour: Office, scope: str
) -> None:
    urgent = neighbour.started(
        neighbour.content(Level.EMERGENCY), audience=Audience(areas=(NEIGHBOUR,))
    )
    named = scope.format(agency=neighbour.world.commune, dispatch=urgent.dispatch)
    with office.ledger.begin() as conn:
        desk.set_stop(conn, named, "báo nhầm", None, NOW)
    office.people(5)
    office.started()
    assert office.deliver() == 5


def test_an_emergency_on_its_own_route_holds_up_nobody_elses(
    office: Office, provider: Provider, second: Provider
) -> None:
    there = another_commune(office, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    there.people(5, first=5_000, area=NEIGHBOUR)
    there.route(provider.url, name="của láng giềng")
    there.started(there.content(Level.EMERGENCY), audience=Audience(areas=(NEIGHBOUR,)))
    office.people(5)
    office.route(second.url, name="của ta")
    office.started()
    assert office.deliver() == 5


def test_a_communes_fifty_do_not_wait_for_five_thousand(office: Office, neighbour: Office) -> None:
    office.people(5_000)
    office.started()
    neighbour.started(audience=Audience(areas=(NEIGHBOUR,)))
    order = [claim_of(office, holder=f"w{n}", lease_ms=60_000).agency for n in range(4)]
    assert neighbour.world.commune in order[:2]
