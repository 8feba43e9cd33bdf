"""A restored database sends nothing until somebody has owned up to what was lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from dispatcher.cancel import resume
from dispatcher.compare_outside import compare_outside, keep_outside
from dispatcher.domain.errors import BadInput, Conflict, Forbidden
from dispatcher.domain.model import Level
from dispatcher.domain.status import Reason, Status
from dispatcher.halt import halt, lift
from dispatcher.ledger import batches, desk, registry, restored
from dispatcher.ledger.kept import Kept
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.sealer import LogKey, Sealer
from dispatcher.ledger.verifying import verify
from dispatcher.reconcile_log import reconcile_log
from tests.ledger.chronicle import KEY
from tests.ledger.world import NOW
from tests.verbs.office import Office, claim_of
from tests.verbs.provider import Provider

WHY = "khôi phục bản sao lúc 02:00 ngày 22/11/2026"


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "checkpoints", KEY.origin, KEY.public)


@pytest.fixture
def ready(office: Office, provider: Provider) -> Office:
    office.people(6)
    office.route(provider.url)
    return office


@pytest.fixture
def administrator(office: Office) -> Actor:
    """Of the agency at the top."""
    return _actor(office, office.world.centre, "administrator")


def _actor(office: Office, agency: int, role: str) -> Actor:
    with office.ledger.begin() as conn:
        account = registry.add_account(
            conn, agency_id=agency, name="Bùi Văn Quản", office="", roles=[role], now=NOW
        )
        found = registry.actor(conn, account, "live")
    assert found is not None
    return found


def lose(office: Office, kept: Kept, *, leaves: int = 3) -> None:
    """The database is a backup: so many leaves more were signed than it knows of."""
    while Sealer(office.ledger, KEY, "a").seal():
        pass
    keep_outside(office.ledger, kept)
    newest = kept.newest()
    assert newest is not None
    note = LogKey(KEY.origin, KEY.key).checkpoint(newest.size + leaves, bytes(32))
    assert kept.keep(note, NOW)


def stops(office: Office) -> dict[str, str]:
    with office.ledger.read() as conn:
        return {row.scope: row.why for row in desk.stops(conn)}


def standing(office: Office) -> list[str]:
    with office.ledger.read() as conn:
        return [row.code for row in desk.alarms(conn, [0])]


def test_a_log_that_agrees_holds_nothing(ready: Office, kept: Kept) -> None:
    ready.started()
    Sealer(ready.ledger, KEY, "a").seal()
    assert compare_outside(ready.ledger, kept)
    keep_outside(ready.ledger, kept)
    assert compare_outside(ready.ledger, kept)
    assert (stops(ready), standing(ready)) == ({}, [])


def test_a_restored_database_is_held_and_says_so_once(ready: Office, kept: Kept) -> None:
    ready.started()
    lose(ready, kept)
    for _ in range(2):
        assert not compare_outside(ready.ledger, kept)
    assert (stops(ready), standing(ready)) == ({"all": restored.WHY}, ["log_went_back"])


def test_nothing_is_sent_from_a_restored_database(
    ready: Office, kept: Kept, provider: Provider
) -> None:
    place = ready.started(ready.content(Level.EMERGENCY))
    lose(ready, kept)
    compare_outside(ready.ledger, kept)
    assert ready.deliver(lane=0) == 0
    assert provider.asked == []
    assert ready.statuses(place) == {Status.PENDING: 6}


def test_the_stop_after_a_restore_is_not_lifted_like_others(ready: Office, kept: Kept) -> None:
    operator = replace(ready.world.centre_operator, mode="test")
    halt(ready.ledger, operator, "all", "tự dừng")
    lose(ready, kept)
    compare_outside(ready.ledger, kept)
    with pytest.raises(Conflict, match="went back"):
        lift(ready.ledger, operator, "all")
    assert stops(ready) == {"all": restored.WHY}


def test_what_was_kept_outside_is_not_replaced_by_a_log_that_went_back(
    ready: Office, kept: Kept
) -> None:
    ready.started()
    lose(ready, kept)
    before = kept.newest()
    keep_outside(ready.ledger, kept)
    assert kept.newest() == before


@pytest.mark.parametrize("level", [Level.NORMAL, Level.EMERGENCY])
def test_nothing_is_sent_twice_after_reconciling(
    ready: Office, kept: Kept, provider: Provider, administrator: Actor, level: Level
) -> None:
    lane = {Level.NORMAL: 2, Level.EMERGENCY: 0}[level]
    place = ready.started(ready.content(level))
    claimed = claim_of(ready, lane, holder="before the backup", lease_ms=60_000)
    with ready.ledger.begin() as conn:
        assert batches.intend(conn, claimed, "before the backup", claimed.lo + 1)
    lose(ready, kept)
    compare_outside(ready.ledger, kept)
    done = reconcile_log(ready.ledger, kept, administrator, WHY)
    assert (done.generation, done.lost, done.unknown) == (2, 3, 2)
    assert done.paused == (place.dispatch,)
    assert (stops(ready), standing(ready)) == ({}, [])
    ready.tick()
    assert (ready.deliver(lane), provider.asked) == (0, [])
    assert ready.statuses(place) == {Status.UNKNOWN: 2, Status.PENDING: 4}
    assert ready.reasons(place)[Reason.CRASH] == 2
    resume(ready.ledger, ready.queue, ready.operator, place.dispatch, "nhà cung cấp chưa nhận")
    ready.deliver(lane)
    assert len(provider.asked) == 4
    assert ready.statuses(place) == {Status.UNKNOWN: 2, Status.ACCEPTED: 4}


def test_a_reconciled_log_is_verified_and_names_its_loss(
    ready: Office, kept: Kept, administrator: Actor
) -> None:
    ready.started()
    lose(ready, kept)
    compare_outside(ready.ledger, kept)
    reconcile_log(ready.ledger, kept, administrator, WHY)
    while Sealer(ready.ledger, KEY, "a", kept).seal():
        pass
    keep_outside(ready.ledger, kept)
    newest = kept.newest()
    assert newest is not None
    assert newest.origin == f"{KEY.origin}/2"
    report = verify(ready.ledger, public_key=KEY.public, origin=KEY.origin)
    # The harness puts people into their tables without an act.
    assert {each.code for each in report.findings} <= {"act_missing"}
    assert [each.code for each in report.notices] == ["generation_lost"]


def test_scheduled_dispatches_are_paused_too_and_finished_ones_left_alone(
    ready: Office, kept: Kept, administrator: Actor, provider: Provider
) -> None:
    scheduled = ready.start(start_at=ready.now() + 3_600_000)
    assert ready.state(scheduled) == "scheduled"
    lose(ready, kept)
    done = reconcile_log(ready.ledger, kept, administrator, WHY)
    assert done.paused == (scheduled.dispatch,)
    assert ready.state(scheduled) == "paused"


def test_approvals_that_may_have_been_used_are_named_and_start_no_more(
    ready: Office, kept: Kept, administrator: Actor
) -> None:
    ready.started()
    unused = ready.approved()
    lose(ready, kept)
    assert reconcile_log(ready.ledger, kept, administrator, WHY).unused == (unused,)
    with pytest.raises(Conflict):
        ready.submit(unused)


def test_new_dispatches_are_numbered_behind_a_gap(
    ready: Office, kept: Kept, administrator: Actor
) -> None:
    before = ready.started()
    lose(ready, kept)
    reconcile_log(ready.ledger, kept, administrator, WHY)
    after = ready.started()
    assert after.dispatch - before.dispatch > 1_000_000
    assert ready.started().dispatch == after.dispatch + 1


def test_a_log_that_agrees_is_not_reconciled(
    ready: Office, kept: Kept, administrator: Actor
) -> None:
    ready.started()
    with pytest.raises(Conflict, match="nothing to reconcile"):
        reconcile_log(ready.ledger, kept, administrator, WHY)


def test_reconciling_is_for_an_administrator_of_the_top_who_says_why(
    ready: Office, kept: Kept, administrator: Actor
) -> None:
    lose(ready, kept)
    below = _actor(ready, ready.world.commune, "administrator")
    for actor, why, error in (
        (ready.world.centre_operator, WHY, Forbidden),
        (below, WHY, Forbidden),
        (administrator, " ", BadInput),
    ):
        with pytest.raises(error):
            reconcile_log(ready.ledger, kept, actor, why)
    assert not compare_outside(ready.ledger, kept)
