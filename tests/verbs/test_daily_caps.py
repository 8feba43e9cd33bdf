"""Nobody gets more routine bulletins of a kind in a day than the kind allows."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from dispatcher.domain.audience import Audience
from dispatcher.domain.model import Level
from dispatcher.domain.status import Reason, Status
from dispatcher.ledger import daily_caps
from dispatcher.ledger.tables import daily_count
from tests.ledger.world import COMMUNE, NEIGHBOUR
from tests.verbs.office import Office, another_commune
from tests.verbs.provider import Provider

#: `general_notice` may reach a person twice a day (templates/messages/kinds.toml).
CAP = 2


@pytest.fixture
def crowd(office: Office, provider: Provider) -> Office:
    office.route(provider.url, agency=office.world.province)
    office.people(5)
    return office


def sent(office: Office, level: Level = Level.NORMAL, **more: object) -> dict[Reason, int]:
    return office.reasons(office.started(office.content(level), **more))


def test_the_third_notice_of_a_day_is_not_sent_and_says_why(crowd: Office) -> None:
    for _ in range(CAP):
        assert sent(crowd) == {Reason.NONE: 5}
    third = crowd.started()
    assert crowd.reasons(third) == {Reason.DAILY_CAP: 5}
    assert crowd.statuses(third) == {Status.SUPPRESSED: 5}


@pytest.mark.parametrize("level", [Level.PRIORITY, Level.EMERGENCY])
def test_a_warning_is_never_one_too_many(crowd: Office, level: Level) -> None:
    for _ in range(CAP + 2):
        assert sent(crowd, level) == {Reason.NONE: 5}


def test_agencies_share_what_a_person_can_bear(crowd: Office) -> None:
    """Both communes have the same telephone numbers in their lists."""
    there = another_commune(crowd, NEIGHBOUR, "Ủy ban nhân dân xã Nho Quan")
    there.people(5, area=NEIGHBOUR)
    for _ in range(CAP):
        sent(crowd)
    assert sent(there, audience=Audience(areas=(NEIGHBOUR,))) == {Reason.DAILY_CAP: 5}


def test_who_came_later_still_gets_theirs(crowd: Office) -> None:
    for _ in range(CAP):
        sent(crowd)
    crowd.people(2, first=100)
    assert sent(crowd, audience=Audience(areas=(COMMUNE,))) == {
        Reason.DAILY_CAP: 5,
        Reason.NONE: 2,
    }


def test_a_new_day_begins_at_midnight_in_vietnam(crowd: Office) -> None:
    for _ in range(CAP):
        sent(crowd)
    with crowd.ledger.begin() as conn:
        conn.execute(update(daily_count).values(day=daily_count.c.day - 1))
    assert sent(crowd) == {Reason.NONE: 5}
    midnight = 1_795_366_800_000  # 2026-11-23 00:00 +07:00
    assert daily_caps.day(midnight) == daily_caps.day(midnight - 1) + 1


def test_what_was_counted_long_ago_is_forgotten(crowd: Office) -> None:
    sent(crowd)
    with crowd.ledger.begin() as conn:
        daily_caps.forget(conn, crowd.now() + 2 * 86_400_000)
        assert conn.scalar(select(func.count()).select_from(daily_count)) == 0
