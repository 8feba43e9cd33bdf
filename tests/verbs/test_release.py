"""At night: one person on duty releases what was approved by day, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from dispatcher.cancel_shift import cancel_shift
from dispatcher.decide_preapproved import decide_preapproved
from dispatcher.domain.approvals import HOUR_MS
from dispatcher.domain.audience import Audience
from dispatcher.domain.content import Content
from dispatcher.domain.errors import BadInput, Conflict, Forbidden, LoaError, NotFound
from dispatcher.domain.preapproved import parse
from dispatcher.ledger import approvals, bulletins
from dispatcher.ledger.preapproved import State
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.shifts import NewShift
from dispatcher.open_shift import open_shift
from dispatcher.withdraw_preapproved import withdraw_preapproved
from tests.ledger.guards import drop_guards
from tests.ledger.world import COMMUNE, NEIGHBOUR
from tests.verbs import night
from tests.verbs.conftest import Clock
from tests.verbs.office import Office, another_commune
from tests.verbs.provider import Provider


def refused(kind: type[LoaError], code: str, act: Callable[[], object]) -> LoaError:
    with pytest.raises(kind) as found:
        act()
    assert found.value.code == code
    return found.value


def count(office: Office, table: str) -> int:
    with office.ledger.read() as conn:
        return int(conn.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608


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


def test_a_preapproved_text_goes_out_with_its_blanks_filled(ready: Office, officer: Actor) -> None:
    number = night.preapproved(ready)
    made = night.released(ready, officer, number)
    with ready.ledger.read() as conn:
        row = approvals.load(conn, made.approval)
        written = bulletins.content_of(conn, made.version)
    assert row is not None
    assert (row.way, row.state, row.preapproved_id) == ("duty", "approved", number)
    assert (row.submitted_by, row.decided_by) == (officer.account, officer.account)
    assert row.confirm_by == row.decided_at + 24 * HOUR_MS
    assert written.fact("shelter", "vi") == night.SCHOOL
    place = ready.place(made.dispatch)
    assert (ready.state(place), ready.expand()) == ("running", 10)
    assert ready.dispatch(place).agency_id == ready.world.commune


def test_it_ends_at_the_latest_when_the_text_says(ready: Office, officer: Actor) -> None:
    number, before = night.preapproved(ready), ready.now()
    whole = night.released(ready, officer, number)
    short = night.released(ready, officer, number, valid_ms=HOUR_MS)
    ends = [ready.dispatch(ready.place(each.dispatch)).valid_until for each in (whole, short)]
    assert 6 * HOUR_MS <= ends[0] - before < 7 * HOUR_MS
    assert HOUR_MS <= ends[1] - before < 2 * HOUR_MS


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"facts": {**night.FACTS, "shelter": "nhà ông Ba"}}, "not_a_choice"),
        ({"facts": {**night.FACTS, "deadline": "1" * 41}}, "bad_blank"),
        ({"facts": {**night.FACTS, "deadline": "17 giờ\n18 giờ"}}, "bad_blank"),
        ({"facts": {**night.FACTS, "deadline": "xem http://gia.vn"}}, "link_in_blank"),
        ({"facts": {"shelter": night.SCHOOL}}, "missing_field"),
        ({"facts": {**night.FACTS, "action": "ở yên tại chỗ"}}, "not_a_blank"),
        ({"channels": ("sms", "email")}, "beyond_preapproved"),
        ({"valid_ms": 7 * HOUR_MS}, "beyond_preapproved"),
    ],
)
def test_nothing_but_its_blanks_can_be_filled(
    ready: Office, officer: Actor, more: dict[str, Any], code: str
) -> None:
    number = night.preapproved(ready)
    refused(BadInput, code, lambda: night.released(ready, officer, number, **more))
    assert (count(ready, "dispatch"), count(ready, "approval"), count(ready, "bulletin")) == (
        0,
    ) * 3


def test_a_neighbours_people_are_out_of_reach(ready: Office, officer: Actor) -> None:
    number = night.preapproved(ready)
    audience = Audience(areas=(COMMUNE, NEIGHBOUR))
    release = lambda: night.released(ready, officer, number, audience=audience)  # noqa: E731
    refused(Forbidden, "outside_area", release)
    assert (count(ready, "dispatch"), count(ready, "bulletin")) == (0, 0)


def test_who_is_not_on_duty_releases_nothing(clock: Clock, office: Office) -> None:
    number = night.preapproved(office)
    officer, colleague = night.duty_officer(office), night.duty_officer(office, "Lê Văn Khác")
    release = lambda: night.released(office, officer, number)  # noqa: E731
    night.shift(office, colleague)
    refused(Forbidden, "not_on_duty", release)
    night.shift(office, officer, hours=1)
    clock.ahead(3_601)
    refused(Forbidden, "not_on_duty", release)
    shift = night.shift(office, officer)
    cancel_shift(office.ledger, office.approver, shift)
    refused(Forbidden, "not_on_duty", release)


@pytest.mark.parametrize("role", ["author", "approver", "operator", "auditor"])
def test_nobody_but_a_duty_officer_releases_alone(ready: Office, role: str) -> None:
    number = night.preapproved(ready)
    actor = replace(getattr(ready.world, role), mode="test")
    refused(Forbidden, "role_missing", lambda: night.released(ready, actor, number))


def test_a_text_that_nobody_approved_is_not_released(ready: Office, officer: Actor) -> None:
    waiting = night.proposed(ready)
    refused(Conflict, "not_preapproved", lambda: night.released(ready, officer, waiting))
    decide_preapproved(ready.ledger, ready.approver, waiting, State.RETURNED)
    refused(Conflict, "not_preapproved", lambda: night.released(ready, officer, waiting))


def test_a_text_that_was_withdrawn_is_not_released(ready: Office, officer: Actor) -> None:
    number = night.preapproved(ready)
    withdraw_preapproved(ready.ledger, ready.approver, number)
    refused(Conflict, "not_preapproved", lambda: night.released(ready, officer, number))


def test_a_text_ends_when_it_says(clock: Clock, office: Office, provider: Provider) -> None:
    given = night.document()["preapproved"]
    number = night.preapproved(office, preapproved={**given, "until": "+1h"})
    office.people(1)
    office.route(provider.url)
    officer = night.duty_officer(office)
    night.shift(office, officer)
    clock.ahead(3_601)
    refused(Conflict, "not_preapproved", lambda: night.released(office, officer, number))


def test_a_neighbours_text_does_not_exist(ready: Office, officer: Actor) -> None:
    there = another_commune(ready, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    number = night.preapproved(there)
    refused(NotFound, "no_preapproved", lambda: night.released(ready, officer, number))


def test_an_edited_text_is_not_released_and_leaves_an_event(ready: Office, officer: Actor) -> None:
    number = night.preapproved(ready)
    with ready.ledger.begin() as conn:
        drop_guards(conn)
        edited = json.dumps([{"name": "action", "longest": 100, "choices": []}])
        conn.execute(text("UPDATE preapproved SET blanks = :blanks"), {"blanks": edited})
    facts = {"action": "ở yên tại chỗ"}
    refused(
        Conflict, "approval_edited", lambda: night.released(ready, officer, number, facts=facts)
    )
    with ready.ledger.read() as conn:
        query = text("SELECT subject FROM act WHERE name = 'refuse'")
        assert list(conn.scalars(query)) == [f"preapproved:{number}"]


# --- the text, by day


def test_four_eyes_decide_on_a_text(ready: Office) -> None:
    number = night.proposed(ready)
    both = replace(ready.author, roles=frozenset({"author", "approver"}))
    decide = lambda actor: decide_preapproved(  # noqa: E731
        ready.ledger, actor, number, State.APPROVED
    )
    refused(Forbidden, "own_bulletin", lambda: decide(both))
    decide(ready.approver)
    refused(Conflict, "already_decided", lambda: decide(ready.approver))


def test_a_name_is_used_once(ready: Office) -> None:
    night.preapproved(ready)
    refused(Conflict, "name_taken", lambda: night.proposed(ready))


def test_a_campaign_is_never_preapproved(ready: Office) -> None:
    normal = {"kind": "general_notice", "level": "normal", "facts": {"what": "a", "action": "b"}}
    given = {**night.document()["preapproved"], "blanks": {}}
    document = night.document(**normal, preapproved=given)
    refused(Conflict, "not_urgent", lambda: parse(document, ready.desk.kinds, ready.now()))


def test_what_a_channel_could_not_carry_is_refused_by_day(ready: Office) -> None:
    given = night.document()["preapproved"]
    wide = {"deadline": {"longest": 40}, "shelter": {"choices": ["nhà", "rất xa " * 30]}}
    document = {**given, "channels": ["zalo"], "blanks": wide}
    refused(BadInput, "bad_parameter", lambda: night.proposed(ready, preapproved=document))


# --- the shift


@pytest.mark.parametrize(
    ("hours", "code"), [((0, 73), "bad_hours"), ((2, 1), "bad_hours"), ((-2, -1), "bad_hours")]
)
def test_a_shift_has_hours_that_a_person_can_work(
    ready: Office, hours: tuple[int, int], code: str
) -> None:
    start, end = (ready.now() + each * HOUR_MS for each in hours)
    officer = night.duty_officer(ready)
    new = NewShift(officer.account, ready.world.commune, start, end, "15/QĐ-UBND")
    refused(BadInput, code, lambda: open_shift(ready.ledger, ready.approver, new))


def test_a_shift_names_its_document(ready: Office) -> None:
    officer, now = night.duty_officer(ready), ready.now()
    new = NewShift(officer.account, ready.world.commune, now, now + HOUR_MS, " ")
    refused(BadInput, "no_basis", lambda: open_shift(ready.ledger, ready.approver, new))


def test_nobody_puts_themselves_on_duty(ready: Office) -> None:
    roles = frozenset({"approver", "duty_officer"})
    both, now = replace(ready.approver, roles=roles), ready.now()
    new = NewShift(both.account, ready.world.commune, now, now + HOUR_MS, "15/QĐ-UBND")
    refused(Forbidden, "own_shift", lambda: open_shift(ready.ledger, both, new))


@pytest.mark.parametrize("role", ["author", "operator", "auditor"])
def test_only_an_approver_or_administrator_opens_a_shift(ready: Office, role: str) -> None:
    officer, now = night.duty_officer(ready), ready.now()
    new = NewShift(officer.account, ready.world.commune, now, now + HOUR_MS, "15/QĐ-UBND")
    actor = getattr(ready.world, role)
    refused(Forbidden, "role_missing", lambda: open_shift(ready.ledger, actor, new))


def test_who_has_no_role_of_duty_officer_is_not_put_on_duty(ready: Office) -> None:
    now = ready.now()
    new = NewShift(ready.author.account, ready.world.commune, now, now + HOUR_MS, "15/QĐ-UBND")
    refused(BadInput, "not_duty_officer", lambda: open_shift(ready.ledger, ready.approver, new))


def test_a_neighbour_opens_no_shift_of_ours(ready: Office) -> None:
    officer, now = night.duty_officer(ready), ready.now()
    there = another_commune(ready, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    new = NewShift(officer.account, ready.world.commune, now, now + HOUR_MS, "15/QĐ-UBND")
    refused(NotFound, "no_account", lambda: open_shift(ready.ledger, there.approver, new))


def test_a_released_content_is_a_bulletin_like_any_other(ready: Office, officer: Actor) -> None:
    made = night.released(ready, officer, night.preapproved(ready))
    with ready.ledger.read() as conn:
        kept = bulletins.content_of(conn, made.version)
        version = bulletins.load_version(conn, made.version)
    assert Content.from_bytes(kept.to_bytes()) == kept
    assert version is not None
    assert (version.agency_id, version.kind) == (ready.world.commune, "evacuation")
