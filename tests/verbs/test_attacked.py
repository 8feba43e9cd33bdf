"""What a stranger tried, and what stops it now."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from dispatcher.approve import approve
from dispatcher.cancel import pause, resume
from dispatcher.domain.errors import Conflict
from dispatcher.domain.model import DispatchState, Level
from dispatcher.domain.status import Status
from dispatcher.ledger import routes
from dispatcher.ledger.tables import approval as approvals
from dispatcher.pull_back import pull_back
from tests.verbs.office import HOUR_MS, Office, ending
from tests.verbs.provider import Provider


@pytest.fixture
def ready(office: Office, provider: Provider) -> Office:
    office.route(provider.url)
    office.people(4)
    return office


def test_a_pause_and_a_resume_do_not_bring_the_hour_forward(ready: Office) -> None:
    place = ready.start(start_at=ready.now() + HOUR_MS)
    pause(ready.ledger, ready.operator, place.dispatch, "kiểm tra")
    resume(ready.ledger, ready.queue, ready.operator, place.dispatch, "tiếp tục")
    assert ready.state(place) == DispatchState.SCHEDULED
    assert ready.expand() == 0


def test_an_end_that_was_paused_still_silences_what_it_ends(ready: Office) -> None:
    evacuation = ready.content(Level.EMERGENCY, kind="evacuation")
    bulletin, _, approval = ready.proposed(evacuation)
    approve(ready.ledger, ready.approver, approval)
    first = ready.place(ready.submit(approval))
    over = ready.content(Level.EMERGENCY, kind="evacuation_end", related=ending())
    end = ready.start(over, relates_to=bulletin, start_at=ready.now() + 400)
    pause(ready.ledger, ready.operator, end.dispatch, "kiểm tra")
    while ready.now() < ready.dispatch(end).start_at:
        pass
    resume(ready.ledger, ready.queue, ready.operator, end.dispatch, "tiếp tục")
    assert ready.state(end) == DispatchState.RUNNING
    assert ready.state(first) == DispatchState.CANCELLED


def test_what_was_pulled_back_does_not_start_by_an_edited_row(ready: Office) -> None:
    approval = ready.approved()
    pull_back(ready.ledger, ready.author, approval)
    with ready.ledger.begin() as conn:
        conn.execute(update(approvals).values(state="approved"))
    with pytest.raises(Conflict):
        ready.submit(approval)


@pytest.mark.parametrize("kind", ["storm_flood_warning", "evacuation_end"])
def test_a_dead_channel_holds_itself_and_not_the_emergency(
    ready: Office, provider: Provider, kind: str
) -> None:
    dead = ready.route(provider.url, channel="email", provider="smtp", name="Thư")
    evacuation = ready.content(Level.EMERGENCY, kind="evacuation")
    bulletin, _, approval = ready.proposed(evacuation, channels=("sms", "email"))
    approve(ready.ledger, ready.approver, approval)
    ready.submit(approval)
    with ready.ledger.begin() as conn:
        routes.stop(conn, dead, "hết tiền", ready.now())
    related = {"related": ending()} if kind == "evacuation_end" else {}
    text = ready.content(Level.EMERGENCY, kind=kind, **related)
    place = ready.started(text, channels=("sms", "email"), relates_to=bulletin if related else None)
    assert "route_stopped" in ready.alarms(place)
    while ready.deliver(0):
        pass
    sms = [Status(row.status) for row in ready.rows(place) if row.channel == "sms"]
    assert set(sms) == {Status.ACCEPTED}


def test_an_emergency_without_any_channel_is_refused_at_once(ready: Office) -> None:
    approval = ready.approved(ready.content(Level.EMERGENCY))
    with ready.ledger.begin() as conn:
        routes.stop(conn, 1, "hết tiền", ready.now())
    with pytest.raises(Conflict, match="sms"):
        ready.submit(approval)
