"""A verbal order, a release on behalf, and the confirmation that both wait for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from dispatcher.add_symbol import add_symbol
from dispatcher.approve import approve
from dispatcher.confirm import confirm
from dispatcher.domain.approvals import HOUR_MS, How, VerbalOrder
from dispatcher.domain.content import Signatory
from dispatcher.domain.errors import BadInput, Conflict, Forbidden, LoaError, NotFound
from dispatcher.domain.model import Level
from dispatcher.ledger import approvals, entries
from dispatcher.ledger.handles import Row
from dispatcher.ledger.registry import Actor
from dispatcher.pull_back import pull_back
from dispatcher.release_on_behalf import release_on_behalf
from dispatcher.release_verbally import release_verbally
from tests.ledger.world import NEIGHBOUR
from tests.verbs import night
from tests.verbs.conftest import Clock
from tests.verbs.office import Office, another_commune
from tests.verbs.provider import Provider

SIGNATORY = Signatory("Trần Văn Ký", "Phó Chánh Văn phòng Ủy ban nhân dân tỉnh")


def refused(kind: type[LoaError], code: str, act: Callable[[], object]) -> LoaError:
    with pytest.raises(kind) as found:
        act()
    assert found.value.code == code
    return found.value


@pytest.fixture
def ready(office: Office, provider: Provider) -> Office:
    office.people(10)
    office.route(provider.url)
    return office


@pytest.fixture
def officer(ready: Office) -> Actor:
    """On duty for the next twelve hours."""
    found = night.duty_officer(ready)
    night.shift(ready, found)
    return found


def waiting(office: Office, level: Level = Level.EMERGENCY, **more: Any) -> int:
    """The number of a request that nobody has decided on."""
    return office.proposed(office.content(level), **more)[2]


def row_of(office: Office, approval: int) -> Row[Any]:
    with office.ledger.read() as conn:
        row = approvals.load(conn, approval)
    assert row is not None
    return row


def ordered(office: Office, officer: Actor, approval: int, **more: Any) -> int:
    """The dispatch that went out on an order of the commune's approver, a minute ago."""
    given = {"by": office.approver.account, "at": office.now() - 60_000, "how": How.PHONE, **more}
    order = VerbalOrder(**given)
    return release_verbally(office.ledger, office.queue, office.traits, officer, approval, order)


def on_behalf(office: Office, actor: Actor, approval: int, who: Signatory = SIGNATORY) -> int:
    return release_on_behalf(office.ledger, office.queue, office.traits, actor, approval, who)


def provincial(office: Office) -> Actor:
    return night.person(office, office.world.province, "Bùi Thị Tỉnh", "approver")


# --- by word of mouth


def test_what_waits_goes_out_on_a_verbal_order(ready: Office, officer: Actor) -> None:
    approval = waiting(ready)
    place = ready.place(ordered(ready, officer, approval))
    row = row_of(ready, approval)
    assert (row.way, row.state, row.decided_by) == ("verbal", "approved", officer.account)
    assert (row.verbal_order["by"], row.verbal_order["how"]) == (ready.approver.account, "phone")
    assert row.shift_id == 1
    assert row.confirm_by == row.decided_at + 24 * HOUR_MS
    assert (ready.state(place), ready.expand()) == ("running", 10)


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (lambda office, officer: {"by": officer.account}, "bad_order"),
        (lambda office, officer: {"at": office.now() + HOUR_MS}, "bad_order"),
        (lambda office, officer: {"at": office.now() - 25 * HOUR_MS}, "bad_order"),
        (lambda office, officer: {"by": office.operator.account}, "not_an_approver"),
        (lambda office, officer: {"by": 999}, "not_an_approver"),
    ],
    ids=["own", "to come", "stale", "operator", "nobody"],
)
def test_an_order_is_another_approvers_and_fresh(
    ready: Office, officer: Actor, more: Callable[[Office, Actor], dict[str, Any]], code: str
) -> None:
    approval = waiting(ready)
    given = more(ready, officer)
    refused(BadInput, code, lambda: ordered(ready, officer, approval, **given))
    assert row_of(ready, approval).state == "submitted"


def test_a_neighbours_approver_orders_nothing_here(ready: Office, officer: Actor) -> None:
    there = another_commune(ready, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan").approver.account
    approval = waiting(ready)
    refused(BadInput, "not_an_approver", lambda: ordered(ready, officer, approval, by=there))


def test_an_approver_above_may_order(ready: Office, officer: Actor) -> None:
    assert ordered(ready, officer, waiting(ready), by=provincial(ready).account)


def test_who_records_an_order_is_on_duty(ready: Office) -> None:
    officer = night.duty_officer(ready)
    approval = waiting(ready)
    refused(Forbidden, "not_on_duty", lambda: ordered(ready, officer, approval))


def test_an_order_does_not_start_what_was_returned_or_started(
    ready: Office, officer: Actor
) -> None:
    approval = waiting(ready)
    approve(ready.ledger, ready.approver, approval, decision="returned")
    refused(Conflict, "already_decided", lambda: ordered(ready, officer, approval))
    started = waiting(ready)
    ordered(ready, officer, started)
    refused(Conflict, "already_decided", lambda: ordered(ready, officer, started))


# --- on behalf


def test_the_province_releases_for_the_commune(ready: Office) -> None:
    approval, actor = waiting(ready), provincial(ready)
    place = ready.place(on_behalf(ready, actor, approval))
    row = row_of(ready, approval)
    assert (row.way, row.decided_by) == ("on_behalf", actor.account)
    assert row.signatory == {"name": SIGNATORY.name, "office": SIGNATORY.office}
    assert ready.dispatch(place).agency_id == ready.world.commune
    assert ready.alarms(place) == ["on_behalf"]
    confirm(ready.ledger, ready.approver, approval)
    assert ready.alarms(place) == []


@pytest.mark.parametrize("who", [Signatory("", "Chánh Văn phòng"), Signatory("Trần Văn Ký", " ")])
def test_a_release_on_behalf_names_who_signs(ready: Office, who: Signatory) -> None:
    approval, actor = waiting(ready), provincial(ready)
    refused(BadInput, "missing_field", lambda: on_behalf(ready, actor, approval, who))


def test_nobody_releases_for_their_own_agency_or_a_neighbour(ready: Office) -> None:
    approval = waiting(ready)
    there = another_commune(ready, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    neighbour = replace(there.approver, mode="test")
    refused(Conflict, "own_agency", lambda: on_behalf(ready, ready.approver, approval))
    refused(NotFound, "no_approval", lambda: on_behalf(ready, neighbour, approval))


def test_a_campaign_waits_for_the_day(ready: Office, officer: Actor) -> None:
    approval = waiting(ready, Level.NORMAL)
    refused(Conflict, "not_urgent", lambda: ordered(ready, officer, approval))
    refused(Conflict, "not_urgent", lambda: on_behalf(ready, provincial(ready), approval))
    assert row_of(ready, approval).state == "submitted"


# --- confirmation


def test_another_approver_confirms_once(ready: Office, officer: Actor) -> None:
    made = night.released(ready, officer, night.preapproved(ready))
    confirm(ready.ledger, ready.approver, made.approval)
    row = row_of(ready, made.approval)
    assert (row.confirmed_by, row.confirmed_at < row.confirm_by) == (ready.approver.account, True)
    again = lambda: confirm(ready.ledger, ready.approver, made.approval)  # noqa: E731
    refused(Conflict, "nothing_to_confirm", again)


def test_nobody_confirms_what_they_released(ready: Office, officer: Actor) -> None:
    made = night.released(ready, officer, night.preapproved(ready))
    both = replace(officer, roles=frozenset({"approver", "duty_officer"}))
    refused(Forbidden, "own_release", lambda: confirm(ready.ledger, both, made.approval))


def test_who_gave_the_order_confirms_it(ready: Office, officer: Actor) -> None:
    approval = waiting(ready)
    ordered(ready, officer, approval)
    confirm(ready.ledger, ready.approver, approval)
    assert row_of(ready, approval).confirmed_by == ready.approver.account


def test_what_two_people_approved_needs_no_third(ready: Office) -> None:
    approval = ready.approved()
    colleague = night.person(ready, ready.world.commune, "Trịnh Văn Ba", "approver")
    refused(Conflict, "nothing_to_confirm", lambda: confirm(ready.ledger, colleague, approval))


def test_what_nobody_confirms_is_named_then_to_the_agency_above_and_for_ever(
    clock: Clock, office: Office, provider: Provider
) -> None:
    office.people(1)
    office.route(provider.url)
    officer = night.duty_officer(office)
    night.shift(office, officer)
    made = night.released(office, officer, night.preapproved(office))
    place = office.place(made.dispatch)
    clock.ahead(24 * 3_600 - 60)
    office.tick()
    assert "unconfirmed" not in office.alarms(place)
    clock.ahead(120)
    office.tick()
    office.tick()
    assert acts(office) == [{"to": office.world.commune}]
    clock.ahead(24 * 3_600)
    office.tick()
    assert acts(office) == [{"to": office.world.commune}, {"to": office.world.province}]
    row = row_of(office, made.approval)
    assert row.escalated_at > row.confirm_by
    with office.ledger.read() as conn:
        assert [each.id for each in approvals.overdue(conn, office.now())] == [made.approval]
    confirm(office.ledger, office.approver, made.approval)
    office.tick()
    assert "unconfirmed" not in office.alarms(place)
    assert row_of(office, made.approval).confirmed_at > row.confirm_by


def acts(office: Office) -> list[dict[str, int]]:
    """To which agencies the log says that somebody did not confirm."""
    query = text(
        "SELECT body FROM page WHERE id IN (SELECT page_id FROM act WHERE name = 'unconfirmed') "
        "ORDER BY id"
    )
    with office.ledger.read() as conn:
        bodies = [bytes(body) for body in conn.scalars(query)]
    told = [next(iter(entries.unpack(body)))[1:] for body in bodies]
    return [{"to": json.loads(each)["facts"]["to"]} for each in told]


# --- the number that follows, and taking back


def test_a_document_number_follows_once(ready: Office, officer: Actor) -> None:
    made = night.released(ready, officer, night.preapproved(ready))
    add_symbol(ready.ledger, ready.author, made.approval, " 12/CĐ-UBND ")
    row = row_of(ready, made.approval)
    assert (row.symbol, row.symbol_by) == ("12/CĐ-UBND", ready.author.account)
    again = lambda: add_symbol(ready.ledger, ready.author, made.approval, "13/CĐ-UBND")  # noqa: E731
    refused(Conflict, "symbol_known", again)


def test_a_number_that_is_in_the_text_is_not_given_again(ready: Office) -> None:
    approval = ready.approved(ready.content(symbol="7/TB-UBND"))
    again = lambda: add_symbol(ready.ledger, ready.author, approval, "8/TB-UBND")  # noqa: E731
    refused(Conflict, "symbol_known", again)


def test_a_number_waits_for_the_approval(ready: Office) -> None:
    approval = waiting(ready)
    add = lambda: add_symbol(ready.ledger, ready.author, approval, "8/TB-UBND")  # noqa: E731
    refused(Conflict, "symbol_known", add)


@pytest.mark.parametrize("decided", [False, True])
def test_what_was_pulled_back_is_neither_decided_nor_started(ready: Office, decided: bool) -> None:
    approval = ready.approved() if decided else ready.proposed()[2]
    pull_back(ready.ledger, ready.author, approval)
    assert row_of(ready, approval).state == "superseded"
    refused(Conflict, "not_approved", lambda: ready.submit(approval))
    decide = lambda: approve(ready.ledger, ready.approver, approval)  # noqa: E731
    refused(Conflict, "already_decided", decide)


def test_what_has_started_is_not_pulled_back(ready: Office) -> None:
    approval = ready.approved()
    ready.submit(approval)
    refused(Conflict, "already_decided", lambda: pull_back(ready.ledger, ready.author, approval))


def test_nobody_pulls_back_what_a_colleague_submitted(ready: Office) -> None:
    _, _, approval = ready.proposed()
    colleague = night.person(ready, ready.world.commune, "Trịnh Văn Ba", "author")
    refused(Forbidden, "others_request", lambda: pull_back(ready.ledger, colleague, approval))
