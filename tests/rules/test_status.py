"""The fold of later words: the order in which they come must never matter."""

from __future__ import annotations

from functools import reduce
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.domain.status import (
    Evidence,
    Fault,
    Reason,
    Standing,
    Status,
    fold,
)

ATTEMPT = 3
ARRIVED = (Status.DELIVERED, Status.SEEN)

#: What a word may say; a delivery is suppressed by nobody but ourselves, before it is sent.
SAYABLE = [status for status in Status if status is not Status.SUPPRESSED]


def words(attempts: st.SearchStrategy[int]) -> st.SearchStrategy[Standing]:
    return st.builds(
        Standing,
        attempts,
        st.sampled_from(SAYABLE),
        st.sampled_from([Reason.NONE, Reason.UNREACHABLE, Reason.FILTERED]),
        st.sampled_from(Evidence),
        st.integers(0, 3),
    )


#: Words of the current attempt, of earlier ones, and of attempts that were never made.
ANY_WORDS = st.lists(words(st.integers(1, ATTEMPT + 1)), min_size=1, max_size=7)
START = Standing(ATTEMPT, Status.SENDING)


def folded(told: list[Standing], start: Standing = START) -> Standing:
    return reduce(fold, told, start)


@given(ANY_WORDS, st.randoms(use_true_random=False))
def test_the_order_of_words_does_not_matter(told, random) -> None:
    shuffled = told[:]
    random.shuffle(shuffled)
    assert folded(shuffled) == folded(told)


@given(ANY_WORDS, st.data())
def test_a_word_told_again_changes_nothing(told, data) -> None:
    repeats = data.draw(st.lists(st.sampled_from(told), max_size=5))
    assert folded(told + repeats) == folded(told)
    assert folded(repeats + told) == folded(told)


@given(ANY_WORDS)
def test_what_arrived_in_any_attempt_has_arrived(told) -> None:
    arrived = any(word.status in ARRIVED for word in told if word.attempt <= ATTEMPT)
    assert (folded(told).status in ARRIVED) == arrived


@given(words(st.integers(1, ATTEMPT)), st.sampled_from(ARRIVED))
def test_nothing_but_seen_moves_what_has_arrived(word, status) -> None:
    after = fold(Standing(ATTEMPT, status, at=9), word)
    assert after.status >= status


@given(words(st.integers(1, ATTEMPT + 1)))
def test_no_word_moves_what_was_never_sent(word) -> None:
    never = Standing(ATTEMPT, Status.SUPPRESSED, Reason.OPTED_OUT)
    assert fold(never, word) is never


@given(words(st.integers(ATTEMPT + 1, ATTEMPT + 9)))
def test_a_word_about_a_try_that_was_not_made_is_not_believed(word) -> None:
    assert fold(START, word) is START


@given(words(st.integers(1, ATTEMPT - 1)))
def test_an_earlier_try_counts_only_when_it_arrived(word) -> None:
    assert (fold(START, word) is START) == (word.status not in ARRIVED)


@given(ANY_WORDS)
def test_the_current_attempt_never_changes_by_a_word(told) -> None:
    assert folded(told).attempt == ATTEMPT


def test_three_receipts_end_the_same_in_all_six_orders() -> None:
    told = [
        Standing(ATTEMPT, Status.ACCEPTED, evidence=Evidence.PROVIDER, at=1),
        Standing(ATTEMPT, Status.FAILED, Reason.UNREACHABLE, Evidence.CARRIER, at=2),
        Standing(ATTEMPT, Status.DELIVERED, evidence=Evidence.CARRIER, at=3),
    ]
    assert {folded(list(order)).status for order in permutations(told)} == {Status.DELIVERED}


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        (Reason.NONE, Fault.NOBODY),
        (Reason.UNREACHABLE, Fault.RECIPIENT),
        (Reason.CONTENT_REFUSED, Fault.CONTENT),
        (Reason.TIMEOUT, Fault.ROUTE),
        (Reason.CRASH, Fault.OURS),
        (Reason.DEADLINE, Fault.NOBODY),
        (Reason.MISSED, Fault.RECIPIENT),
        (Reason.REFUSED_BY_CARRIER, Fault.ROUTE),
    ],
)
def test_a_reason_says_whose_fault_it_is(reason: Reason, fault: Fault) -> None:
    assert reason.fault is fault


def test_numbers_that_are_hashed_into_pages_keep_their_meaning() -> None:
    assert [(each.name, int(each)) for each in Status] == [
        ("PENDING", 0),
        ("SENDING", 1),
        ("ACCEPTED", 2),
        ("UNKNOWN", 3),
        ("CANCELLED", 4),
        ("EXPIRED", 5),
        ("FAILED", 6),
        ("DELIVERED", 7),
        ("SEEN", 8),
        ("SUPPRESSED", 9),
    ]
