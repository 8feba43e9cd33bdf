"""Starting: nothing leaves without an approval of exactly this, by somebody else, for here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import text

from dispatcher.approve import approve
from dispatcher.author import author
from dispatcher.batch_run import BatchRun
from dispatcher.cancel import cancel
from dispatcher.domain.audience import Audience
from dispatcher.domain.errors import BadInput, Conflict, Forbidden, LoaError, NotFound
from dispatcher.domain.model import DispatchState, Level, Mode
from dispatcher.domain.status import Reason, Status
from dispatcher.ledger import desk, routes
from dispatcher.propose import propose
from dispatcher.terms import Wish
from tests.ledger.guards import drop_guards
from tests.ledger.world import COMMUNE, ELSEWHERE, NEIGHBOUR, PROVINCE
from tests.verbs.conftest import Clock
from tests.verbs.office import HOUR_MS, Office, another_commune, claim_of, ending
from tests.verbs.provider import Provider


@pytest.fixture
def ready(office: Office, provider: Provider) -> Office:
    """Ten people and a route: nothing is missing but what the test takes away."""
    office.people(10)
    office.route(provider.url)
    return office


def refused(kind: type[LoaError], code: str, act: Callable[[], object]) -> LoaError:
    with pytest.raises(kind) as found:
        act()
    assert found.value.code == code
    return found.value


def count_of(office: Office, table: str) -> int:
    with office.ledger.read() as conn:
        return int(conn.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608


def events(office: Office) -> list[tuple[str, str]]:
    """What the log has of refusals, oldest first."""
    query = "SELECT name, subject FROM act WHERE name = 'refuse' ORDER BY page_id"
    with office.ledger.read() as conn:
        return [(row.name, row.subject) for row in conn.execute(text(query))]


def test_what_was_approved_starts(ready: Office) -> None:
    place = ready.start()
    row = ready.dispatch(place)
    assert (row.state, row.level, row.mode, row.max_contact_id) == ("running", "normal", "test", 10)


def test_nothing_starts_while_nobody_has_decided(ready: Office) -> None:
    _, _, approval = ready.proposed()
    refused(Conflict, "not_approved", lambda: ready.submit(approval))
    assert count_of(ready, "dispatch") == 0


def test_what_was_returned_does_not_start(ready: Office) -> None:
    _, _, approval = ready.proposed()
    approve(ready.ledger, ready.approver, approval, decision="returned", note="Sửa giờ")
    refused(Conflict, "not_approved", lambda: ready.submit(approval))


def test_a_decision_is_taken_once(ready: Office) -> None:
    _, _, approval = ready.proposed()
    approve(ready.ledger, ready.approver, approval, decision="returned")
    refused(Conflict, "already_decided", lambda: approve(ready.ledger, ready.approver, approval))


#: What bytes are replaced by in a column of bytes, per kind of database.
_EDIT = {
    "sqlite": "CAST(replace(CAST({column} AS TEXT), :old, :new) AS BLOB)",
    "postgresql": "convert_to(replace(convert_from({column}, 'UTF8'), :old, :new), 'UTF8')",
}


def edit(office: Office, column: str, old: str, new: str) -> None:
    """Change bytes of a row as somebody with the database's password would."""
    table, _, name = column.partition(".")
    value = _EDIT[office.ledger.dialect].format(column=name)
    with office.ledger.begin() as conn:
        drop_guards(conn)
        statement = text(f"UPDATE {table} SET {name} = {value}")  # noqa: S608
        assert conn.execute(statement, {"old": old, "new": new}).rowcount > 0


@pytest.mark.parametrize(
    ("column", "old", "new"),
    [
        ("rendition.body", "loa", "bao"),
        ("version.content", "loa", "bao"),
        ("approval.terms", COMMUNE, NEIGHBOUR),
        ("approval.terms", '"ceiling":12', '"ceiling":99'),
        ("approval.terms", "{", ""),
    ],
)
def test_an_edited_row_does_not_start_and_leaves_an_event(
    ready: Office, column: str, old: str, new: str
) -> None:
    approval = ready.approved()
    edit(ready, column, old, new)
    refused(Conflict, "approval_edited", lambda: ready.submit(approval))
    assert events(ready) == [("refuse", f"approval:{approval}")]


@pytest.mark.parametrize(
    "change",
    [
        "digest = (SELECT digest FROM rendition LIMIT 1)",
        "decided_by = submitted_by",
        "way = 'duty'",
    ],
)
def test_an_edited_decision_does_not_start_and_leaves_an_event(ready: Office, change: str) -> None:
    approval = ready.approved()
    with ready.ledger.begin() as conn:
        drop_guards(conn)
        conn.execute(text(f"UPDATE approval SET {change}"))  # noqa: S608
    refused(Conflict, "approval_edited", lambda: ready.submit(approval))
    assert events(ready) == [("refuse", f"approval:{approval}")]


def test_an_approval_that_nobody_gave_does_not_start(ready: Office) -> None:
    _, _, approval = ready.proposed()
    with ready.ledger.begin() as conn:
        drop_guards(conn)
        approver = {"by": ready.approver.account}
        forged = text("UPDATE approval SET state = 'approved', decided_by = :by, decided_at = 1")
        conn.execute(forged, approver)
    refused(Conflict, "approval_edited", lambda: ready.submit(approval))
    assert events(ready) == [("refuse", f"approval:{approval}")]


@pytest.mark.parametrize("who", ["author", "submitter"])
def test_who_wrote_or_submitted_cannot_approve(ready: Office, who: str) -> None:
    both = replace(ready.author, roles=frozenset({"author", "approver"}))
    colleague = replace(ready.approver, roles=frozenset({"author", "approver"}))
    saved = author(ready.ledger, ready.desk, both, ready.content(), ["sms"])
    wish = Wish(Audience(areas=(COMMUNE,)), ["sms"], Mode.TEST)
    approval = propose(ready.ledger, ready.traits, colleague, saved.version, wish)
    decider = both if who == "author" else colleague
    refused(Forbidden, "own_bulletin", lambda: approve(ready.ledger, decider, approval))


@pytest.mark.parametrize("who", ["author", "operator", "auditor"])
def test_only_an_approver_approves(ready: Office, who: str) -> None:
    _, _, approval = ready.proposed()
    actor = getattr(ready.world, who)
    refused(Forbidden, "role_missing", lambda: approve(ready.ledger, actor, approval))


@pytest.mark.parametrize("who", ["author", "approver", "auditor"])
def test_only_an_operator_starts(ready: Office, who: str) -> None:
    approval = ready.approved()
    actor = replace(getattr(ready.world, who), mode="test")
    refused(Forbidden, "role_missing", lambda: ready.submit(approval, actor))


def test_another_agencys_approval_does_not_exist_for_us(ready: Office) -> None:
    approval = ready.approved()
    stranger = another_commune(ready, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan").operator
    refused(NotFound, "no_approval", lambda: ready.submit(approval, stranger))


def test_what_is_no_longer_valid_does_not_start(clock: Clock, ready: Office) -> None:
    approval = ready.approved(ready.content(valid_ms=HOUR_MS))
    clock.ahead(3_601)
    refused(Conflict, "expired", lambda: ready.submit(approval))


def test_a_live_key_does_not_start_a_test(ready: Office) -> None:
    approval = ready.approved()
    refused(Conflict, "wrong_mode", lambda: ready.submit(approval, ready.world.operator))


def test_a_test_key_does_not_start_anything_live(ready: Office) -> None:
    approval = ready.approved(mode=Mode.LIVE)
    refused(Conflict, "wrong_mode", lambda: ready.submit(approval))


@pytest.mark.parametrize("mark", [None, "demo", "test"])
def test_nothing_live_leaves_a_database_that_is_not_marked_production(
    ready: Office, provider: Provider, mark: str | None
) -> None:
    ready.route(provider.url, mode="live")
    approval = ready.approved(mode=Mode.LIVE)
    with ready.ledger.begin() as conn:
        if mark:
            desk.set_mark(conn, "kind", mark)
    refused(Conflict, "demo_database", lambda: ready.submit(approval, ready.world.operator))
    with ready.ledger.begin() as conn:
        desk.set_mark(conn, "kind", "production")
    assert ready.submit(approval, ready.world.operator)


def test_a_channel_without_a_route_is_named_before_anything_is_sent(office: Office) -> None:
    office.people(1)
    approval = office.approved()
    error = refused(Conflict, "no_route", lambda: office.submit(approval))
    assert error.field == "channels"
    assert "sms" in error.en


def test_a_stopped_route_is_none_and_nor_is_a_neighbours_or_a_live_one(
    office: Office, provider: Provider
) -> None:
    office.people(1)
    approval = office.approved()
    neighbour = another_commune(office, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    office.route(provider.url, agency=neighbour.world.commune, name="của láng giềng")
    office.route(provider.url, mode="live", name="thật")
    stopped = office.route(provider.url, name="đã dừng")
    with office.ledger.begin() as conn:
        routes.stop(conn, stopped, "hết tiền", office.now())
    refused(Conflict, "no_route", lambda: office.submit(approval))
    office.route(provider.url, agency=office.world.province, name="của tỉnh")
    assert office.submit(approval)


@pytest.mark.parametrize("area", [NEIGHBOUR, ELSEWHERE, PROVINCE, "01"])
def test_a_commune_speaks_to_nobody_elses_people(ready: Office, area: str) -> None:
    audience = Audience(areas=(COMMUNE, area))
    error = refused(Forbidden, "outside_area", lambda: ready.proposed(audience=audience))
    assert area in error.en


def test_an_area_that_does_not_exist_is_said_to(ready: Office) -> None:
    audience = Audience(areas=("99999",))
    refused(BadInput, "unknown_area", lambda: ready.proposed(audience=audience))


def test_an_audience_of_nobody_is_refused(office: Office) -> None:
    refused(BadInput, "nobody", office.proposed)
    refused(BadInput, "empty_audience", Audience)


@pytest.mark.parametrize(
    ("level", "grown", "starts"),
    [
        (Level.NORMAL, 1, True),
        (Level.NORMAL, 20, False),
        (Level.PRIORITY, 20, False),
        (Level.EMERGENCY, 20, True),
    ],
)
def test_an_audience_that_outgrew_its_approval_asks_again_but_an_emergency_goes_on(
    ready: Office, level: Level, grown: int, starts: bool
) -> None:
    approval = ready.approved(ready.content(level))
    ready.people(grown, first=100)
    if starts:
        place = ready.place(ready.submit(approval))
        outgrown = grown > 2
        assert ready.alarms(place) == (["audience_grew"] if outgrown else [])
    else:
        refused(Conflict, "audience_grew", lambda: ready.submit(approval))


@pytest.mark.parametrize(
    ("level", "starts"), [(Level.NORMAL, False), (Level.PRIORITY, False), (Level.EMERGENCY, True)]
)
def test_a_cost_that_outgrew_its_approval_asks_again_but_an_emergency_goes_on(
    office: Office, provider: Provider, level: Level, starts: bool
) -> None:
    office.people(10)
    office.route(provider.url, price=300.0)
    approval = office.approved(office.content(level))
    office.route(provider.url, price=400.0, name="đắt hơn")
    if starts:
        place = office.place(office.submit(approval))
        assert office.alarms(place) == ["cost_grew"]
        assert office.expand() == 10
    else:
        error = refused(Conflict, "cost_grew", lambda: office.submit(approval))
        assert "4000" in error.en
        assert "3301" in error.en


def test_the_same_approval_twice_is_one_dispatch(ready: Office) -> None:
    approval = ready.approved()
    assert ready.submit(approval) == ready.submit(approval)
    assert count_of(ready, "dispatch") == 1


def test_a_dispatch_with_an_hour_waits_for_it(clock: Clock, ready: Office) -> None:
    place = ready.start(start_at=ready.now() + HOUR_MS)
    assert (ready.state(place), ready.expand()) == ("scheduled", 0)
    ready.tick()
    assert ready.state(place) == "scheduled"
    clock.ahead(3_600)
    ready.tick()
    assert (ready.state(place), ready.expand()) == ("running", 10)


def test_an_end_silences_what_it_ends_on_every_channel_and_reaches_all_whom_that_reached(
    ready: Office, provider: Provider
) -> None:
    ready.size = 4
    bulletin, _, approval = ready.proposed(ready.content(Level.EMERGENCY, kind="evacuation"))
    approve(ready.ledger, ready.approver, approval)
    first = ready.place(ready.submit(approval))
    ready.expand()
    claimed = claim_of(ready, lane=0, lease_ms=15_000)
    BatchRun(ready.holding(claimed), ready.channel(claimed.route), ready.press).run()
    told = set(provider.recipients())
    assert len(told) == 4
    over = ready.content(Level.EMERGENCY, kind="evacuation_end", related=ending())
    second = ready.started(
        over, audience=Audience(localities=(ready.world.localities[0],)), relates_to=bulletin
    )
    ready.tick()
    row = ready.dispatch(first)
    assert (row.state, row.finished_at is not None) == ("cancelled", True)
    assert row.state_why == f"replaced:ends:dispatch:{second.dispatch}"
    left = ready.rows(first)
    assert {Status(each.status) for each in left} == {Status.ACCEPTED, Status.CANCELLED}
    assert {Reason(each.reason) for each in left if each.status == Status.CANCELLED} == {
        Reason.REPLACED
    }
    before = len(provider.asked)
    ready.deliver(0)
    assert told <= set(provider.recipients()[before:])


def test_nobody_ends_what_was_never_sent(ready: Office) -> None:
    bulletin, _, _ = ready.proposed(ready.content(Level.EMERGENCY, kind="evacuation"))
    over = ready.content(Level.EMERGENCY, kind="evacuation_end", related=ending())
    refused(NotFound, "unknown_related", lambda: ready.proposed(over, relates_to=bulletin))


def test_a_cancelled_dispatch_stays_cancelled_when_its_approval_is_used_again(
    ready: Office,
) -> None:
    approval = ready.approved()
    dispatch = ready.submit(approval)
    cancel(ready.ledger, ready.queue, ready.operator, dispatch, "sai địa bàn")
    assert ready.submit(approval) == dispatch
    assert ready.state(ready.place(dispatch)) == DispatchState.CANCELLED
