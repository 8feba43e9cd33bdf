"""Later words: early, late, twice, in the wrong order, about nobody, forged."""

from __future__ import annotations

from itertools import permutations

import pytest
from sqlalchemy import select

from dispatcher.domain.model import Reference, StatusEvent
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger import receipts
from dispatcher.ledger.tables import receipt
from dispatcher.ledger.transition import Place
from tests.verbs.office import Office
from tests.verbs.provider import Provider, error
from tests.verbs.test_deliver import sending

SENT, FAILED, DELIVERED = Status.ACCEPTED, Status.FAILED, Status.DELIVERED


@pytest.fixture
def sent(office: Office, provider: Provider) -> Place:
    """Five people, all written to."""
    office.people(5)
    office.route(provider.url)
    place = office.started()
    office.deliver()
    return place


def word(
    place: Place, delivery: int, status: Status, *, at: int = 0, attempt: int = 1
) -> StatusEvent:
    reason = Reason.UNREACHABLE if status is FAILED else Reason.NONE
    ref = Reference(place.dispatch, delivery, attempt)
    return StatusEvent(ref, status, reason, Evidence.CARRIER, f"SM{ref}", at=at)


def states(office: Office) -> list[int]:
    with office.ledger.read() as conn:
        return list(conn.scalars(select(receipt.c.state).order_by(receipt.c.id)))


def test_a_word_becomes_a_status_with_its_evidence(office: Office, sent: Place) -> None:
    office.tell([word(sent, 1, DELIVERED, at=7)])
    assert office.track() == 1
    row = office.rows(sent)[0]
    assert (row.status, row.evidence, row.word_at, row.n) == (DELIVERED, Evidence.CARRIER, 7, 2)
    assert office.track() == 0


@pytest.mark.parametrize("order", list(permutations([SENT, FAILED, DELIVERED])))
@pytest.mark.parametrize("together", [True, False])
def test_three_words_end_the_same_in_any_order_together_or_apart(
    office: Office, sent: Place, order: tuple[Status, ...], together: bool
) -> None:
    told = [word(sent, 1, status, at=int(status)) for status in order]
    for part in [told] if together else [[each] for each in told]:
        office.tell(part)
        office.track()
    assert office.rows(sent)[0].status == DELIVERED
    assert office.counts(sent) == {"sms": {SENT: 4, DELIVERED: 1}}


def test_the_same_word_again_is_one_row_and_one_entry(office: Office, sent: Place) -> None:
    assert office.tell([word(sent, 1, DELIVERED), word(sent, 1, DELIVERED)]) == 1
    assert office.tell([word(sent, 1, DELIVERED)]) == 0
    office.track()
    assert office.rows(sent)[0].n == 2


def test_a_word_that_comes_before_the_answer_waits_for_it(
    office: Office, provider: Provider
) -> None:
    office.people(3)
    office.route(provider.url)
    place = office.started()
    provider.gate.clear()
    with sending(office, provider):
        provider.wait(3)
        office.tell([word(place, n, DELIVERED) for n in (1, 2, 3)])
        assert office.track() == 0
    assert office.track() == 3
    assert office.statuses(place) == {DELIVERED: 3}
    assert [row.n for row in office.rows(place)] == [2, 2, 2]


@pytest.mark.parametrize(
    ("dispatch", "delivery", "attempt"), [(999, 1, 1), (1, 999, 1), (1, 1, 2), (1, 1, 0)]
)
def test_a_word_about_nothing_of_ours_changes_nothing_and_stays_visible(
    office: Office, sent: Place, dispatch: int, delivery: int, attempt: int
) -> None:
    office.tell([StatusEvent(Reference(dispatch, delivery, attempt), DELIVERED)])
    assert office.track() == 0
    assert states(office) == [receipts.UNMATCHED]
    assert office.statuses(sent) == {SENT: 5}


def test_a_word_without_our_reference_is_kept_for_people_to_see(
    office: Office, sent: Place
) -> None:
    office.tell([StatusEvent(None, DELIVERED, provider_ref="SM-nobody")])
    assert office.track() == 0
    assert states(office) == [receipts.UNMATCHED]


def test_a_late_word_about_an_earlier_try_counts_when_it_arrived(
    office: Office, provider: Provider
) -> None:
    office.people(2)
    office.route(provider.url)
    place = office.started()
    provider.answer = lambda asked: error(400, 21612)
    office.deliver()
    office.tell([word(place, 1, DELIVERED), word(place, 2, FAILED)])
    office.track()
    first, second = office.rows(place)
    assert (first.status, first.next_attempt_at, first.attempt) == (DELIVERED, None, 2)
    assert (second.status, second.next_attempt_at is not None) == (Status.PENDING, True)
