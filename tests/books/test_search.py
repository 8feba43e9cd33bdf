"""Auditors find by any combination, in their part of the tree; every search is on record."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from dispatcher.domain.errors import BadAddress, BadInput, Forbidden, NotFound
from dispatcher.domain.period import Period
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import registry, traces
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.search import deliveries, dispatches
from dispatcher.ledger.store import Ledger
from dispatcher.search import Question, search_deliveries, search_dispatches
from tests.ledger import chronicle, world
from tests.ledger.world import COMMUNE, ELSEWHERE, NOW, PROVINCE

DAY = 86_400_000
TODAY, TOMORROW = Period(NOW - DAY, NOW + DAY), Period(NOW + DAY, NOW + 2 * DAY)
PHONE = "0912 340 004"


@pytest.fixture
def told(ledger: Ledger) -> Ledger:
    """The chronicle's dispatch: of commune 3, to the commune, approved by Phạm Văn Quyết."""
    made = chronicle.write(ledger)
    with ledger.begin() as conn:
        traces.symbol(conn, "12/CĐ-UBND", 1)
        traces.areas(conn, made.place.dispatch, {"areas": [COMMUNE]})
    return ledger


def auditor(ledger: Ledger) -> Actor:
    with ledger.read() as conn:
        found = registry.actor(conn, 4, "test")
    assert found is not None
    return found


#: What finds the dispatch, and what does not.
QUESTIONS: list[tuple[Question, bool]] = [
    (Question(), True),
    (Question(symbol="12/CĐ-UBND"), True),
    (Question(symbol="12 / cđ-ubnd"), True),
    (Question(symbol="12/CD-UBND"), False),
    (Question(symbol="2/CĐ-UBND"), False),
    (Question(agency=3), True),
    (Question(area=COMMUNE), True),
    (Question(area=PROVINCE), True),
    (Question(area=ELSEWHERE), False),
    (Question(period=TODAY), True),
    (Question(period=TOMORROW), False),
    (Question(approver="Phạm Văn Quyết"), True),
    (Question(approver="phạm văn quyết"), True),
    (Question(approver="Đinh Thị Hạnh"), False),
    (Question(approver="Không Có Ai"), False),
    (Question(recipient=PHONE), True),
    (Question(recipient="+84 912.340.004"), True),
    (Question(recipient="0912 349 999"), False),
    (Question(recipient="ai.do@example.vn"), False),
    (Question(outcomes=[Status.FAILED]), True),
    (Question(outcomes=[Status.EXPIRED]), False),
    (Question(symbol="12/CĐ-UBND", area=COMMUNE, period=TODAY, approver="Phạm Văn Quyết",
              recipient=PHONE, outcomes=[Status.DELIVERED]), True),
    (Question(symbol="12/CĐ-UBND", period=TOMORROW), False),
]  # fmt: skip


@pytest.mark.parametrize(("question", "found"), QUESTIONS)
def test_a_dispatch_is_found_by_each_and_by_all(
    told: Ledger, question: Question, found: bool
) -> None:
    rows = search_dispatches(told, auditor(told), question, dispatches.NEWEST, 50)
    assert [row.id for row in rows] == [1] * found


@pytest.mark.parametrize(
    ("question", "ids"),
    [
        (Question(), [*range(1, 10)]),
        (Question(recipient=PHONE), [5]),
        (Question(outcomes=[Status.FAILED]), [3]),
        (Question(outcomes=[Status.FAILED, Status.SUPPRESSED]), [3, 9]),
        (Question(outcomes=[Status.DELIVERED]), [1, 2, *range(4, 9)]),
        (Question(evidence=[Evidence.CARRIER]), [*range(1, 9)]),
        (Question(evidence=[Evidence.NONE]), [9]),
        (Question(evidence=[Evidence.PERSON]), []),
        (Question(outcomes=[Status.FAILED], evidence=[Evidence.NONE]), []),
        (Question(recipient=PHONE, outcomes=[Status.FAILED]), []),
        (Question(recipient=PHONE, outcomes=[Status.DELIVERED], period=TODAY), [5]),
        (Question(channel="email"), []),
        (Question(symbol="13/CĐ-UBND"), []),
    ],
)
def test_deliveries_are_found_by_outcome_evidence_and_person(
    told: Ledger, question: Question, ids: list[int]
) -> None:
    found = search_deliveries(told, auditor(told), question, deliveries.NEWEST, 50)
    assert [row.id for row in found.rows] == ids
    assert found.next is None


@pytest.mark.parametrize("question", [Question(), Question(outcomes=[Status.DELIVERED])])
def test_answers_one_by_one_are_the_whole(told: Ledger, question: Question) -> None:
    def walked() -> Iterator[int]:
        spot: Any = deliveries.NEWEST
        while spot:
            found = search_deliveries(told, auditor(told), question, spot, 2)
            yield from (row.id for row in found.rows)
            spot = found.next

    whole = search_deliveries(told, auditor(told), question, deliveries.NEWEST, 50)
    assert list(walked()) == [row.id for row in whole.rows]


def test_a_recipient_s_deliveries_one_by_one_are_the_whole(told: Ledger) -> None:
    with told.begin() as conn:
        number = conn.scalar(text("SELECT target_id FROM delivery WHERE id = 5"))
        statement = "UPDATE delivery SET target_id = :to, step = id WHERE id IN (1, 2, 7)"
        conn.execute(text(statement), {"to": number})
    spot: Any = deliveries.NEWEST
    ids = []
    while spot:
        found = search_deliveries(told, auditor(told), Question(recipient=PHONE), spot, 1)
        ids += [row.id for row in found.rows]
        spot = found.next
    assert ids == [1, 2, 5, 7]


def test_a_search_is_an_act_that_does_not_say_for_whom(told: Ledger) -> None:
    question = Question(recipient=PHONE, symbol="12/CĐ-UBND", outcomes=[Status.FAILED])
    search_deliveries(told, auditor(told), question, deliveries.NEWEST, 50)
    with told.read() as conn:
        body = conn.scalar(
            text("SELECT body FROM page JOIN act ON act.page_id = page.id WHERE name = 'search'")
        )
    said = json.loads(bytes(body)[3:])
    assert (said["subject"], said["actor"]) == ("agency:3", 4)
    assert said["facts"] == {
        "what": "deliveries",
        "symbol": "12/CĐ-UBND",
        "outcomes": ["failed"],
        "recipient": True,
    }


def test_a_refused_search_leaves_no_act(told: Ledger) -> None:
    with pytest.raises(BadAddress) as refused:
        search_deliveries(told, auditor(told), Question(recipient="12"), deliveries.NEWEST, 50)
    assert "12" not in refused.value.vi
    with told.read() as conn:
        assert conn.scalar(text("SELECT count(*) FROM act WHERE name = 'search'")) == 0


def test_evidence_belongs_to_deliveries(told: Ledger) -> None:
    question = Question(evidence=[Evidence.CARRIER])
    with pytest.raises(BadInput):
        search_dispatches(told, auditor(told), question, dispatches.NEWEST, 50)


@pytest.mark.parametrize("role", ["author", "approver", "operator", "duty_officer"])
def test_only_auditors_and_administrators_search(told: Ledger, role: str) -> None:
    other = replace(auditor(told), roles=frozenset({role}))
    with pytest.raises(Forbidden):
        search_dispatches(told, other, Question(), dispatches.NEWEST, 50)


def test_agencies_above_and_beside_do_not_exist(told: Ledger) -> None:
    for elsewhere in (1, 2, 99):
        with pytest.raises(NotFound):
            search_dispatches(
                told, auditor(told), Question(agency=elsewhere), dispatches.NEWEST, 50
            )


def test_live_and_test_do_not_see_each_other(told: Ledger) -> None:
    live = replace(auditor(told), mode="live")
    assert search_dispatches(told, live, Question(), dispatches.NEWEST, 50) == []
    assert search_deliveries(told, live, Question(), deliveries.NEWEST, 50).rows == []


def test_a_neighbour_finds_nothing_by_any_question(told: Ledger) -> None:
    with told.begin() as conn:
        beside = registry.add_agency(
            conn, name="UBND xã khác", short_name="khác", area=world.NEIGHBOUR, hotline="",
            parent=2, now=NOW,
        )  # fmt: skip
    neighbour = replace(auditor(told), agency=beside, path=f"/1/2/{beside}/")
    for question in (Question(), Question(recipient=PHONE), Question(symbol="12/CĐ-UBND")):
        assert search_dispatches(told, neighbour, question, dispatches.NEWEST, 50) == []
        assert search_deliveries(told, neighbour, question, deliveries.NEWEST, 50).rows == []


def test_a_symbol_is_traced_once_and_none_not_at_all(told: Ledger) -> None:
    with told.begin() as conn:
        for symbol in ("", "12/CĐ-UBND", "12/cđ-ubnd"):
            traces.symbol(conn, symbol, 1)
        assert conn.scalar(text("SELECT count(*) FROM document_symbol")) == 1
