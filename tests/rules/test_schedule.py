"""When to try again, and when to stop: a table."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatcher.domain.errors import Failure
from dispatcher.domain.model import Level
from dispatcher.domain.schedule import (
    CIRCUIT_S,
    RATE_WAIT_S,
    WAITS_S,
    Again,
    Enough,
    circuit_wait_ms,
    next_try,
)
from dispatcher.domain.status import Reason

NOW = 1_795_050_000_000


def after(
    failure: Failure,
    level: Level = Level.NORMAL,
    attempt: int = 1,
    *,
    valid_until: int = 0,
    jitter: float = 0.0,
) -> Again | Enough:
    return next_try(
        failure, level, attempt, now=NOW, valid_until=valid_until, jitter=lambda: jitter
    )


@pytest.mark.parametrize(
    ("level", "attempt", "seconds"),
    [
        (Level.EMERGENCY, 1, 2),
        (Level.EMERGENCY, 2, 5),
        (Level.EMERGENCY, 8, 600),
        (Level.PRIORITY, 1, 5),
        (Level.PRIORITY, 5, 1_800),
        (Level.NORMAL, 1, 30),
        (Level.NORMAL, 4, 7_200),
    ],
)
def test_the_wait_follows_the_level_and_the_try(level: Level, attempt: int, seconds: int) -> None:
    failed = Failure(Reason.PROVIDER_ERROR, again=True)
    assert after(failed, level, attempt) == Again(NOW + seconds * 1000, costs=True)


@pytest.mark.parametrize("level", Level)
def test_the_tries_of_a_level_are_used_up_one_after_its_last_wait(level: Level) -> None:
    failed = Failure(Reason.PROVIDER_ERROR, again=True)
    assert isinstance(after(failed, level, len(WAITS_S[level])), Again)
    assert after(failed, level, len(WAITS_S[level]) + 1) == Enough(Reason.RETRIES_USED)


def test_a_recipients_own_fault_is_named_when_the_tries_are_used() -> None:
    full = Failure(Reason.MAILBOX_FULL, again=True)
    assert after(full, Level.NORMAL, 5) == Enough(Reason.MAILBOX_FULL)


@pytest.mark.parametrize(
    "reason", [Reason.BAD_ADDRESS, Reason.CONTENT_REFUSED, Reason.OPTED_OUT, Reason.INTERNAL]
)
def test_what_cannot_succeed_is_not_tried_again(reason: Reason) -> None:
    assert after(Failure(reason)) == Enough(reason)


@pytest.mark.parametrize(
    ("failure", "seconds"),
    [
        (Failure(Reason.RATE_LIMITED, again=True, after=7), 7),
        (Failure(Reason.RATE_LIMITED, again=True), RATE_WAIT_S),
        (Failure(Reason.NIGHT_WINDOW, again=True, after=3_600), 3_600),
        (Failure(Reason.QUOTA_USED, again=True, after=60), 60),
        (Failure(Reason.NO_CONNECTION, again=True), RATE_WAIT_S),
        (Failure(Reason.BAD_CREDENTIALS, again=True), RATE_WAIT_S),
        (Failure(Reason.BAD_CREDENTIALS, again=False), RATE_WAIT_S),
        (Failure(Reason.NO_BALANCE, again=True), RATE_WAIT_S),
    ],
)
@pytest.mark.parametrize("attempt", [1, 99])
def test_what_is_not_the_messages_fault_costs_no_try(
    failure: Failure, seconds: float, attempt: int
) -> None:
    expected = Again(NOW + round(seconds * 1000), costs=False)
    assert after(failure, Level.NORMAL, attempt) == expected


def test_the_provider_may_ask_for_a_longer_wait_but_not_for_a_shorter_one() -> None:
    longer = Failure(Reason.GREYLISTED, again=True, after=900)
    shorter = Failure(Reason.GREYLISTED, again=True, after=1)
    assert after(longer) == Again(NOW + 900_000, costs=True)
    assert after(shorter) == Again(NOW + 30_000, costs=True)


@given(st.floats(0, 1, exclude_max=True), st.sampled_from(Level), st.integers(1, 4))
def test_jitter_spreads_tries_over_a_quarter_of_the_wait(
    drawn: float, level: Level, attempt: int
) -> None:
    failed = Failure(Reason.PROVIDER_ERROR, again=True)
    again = after(failed, level, attempt, jitter=drawn)
    assert isinstance(again, Again)
    wait = (again.at - NOW) / 1000
    assert WAITS_S[level][attempt - 1] <= wait <= WAITS_S[level][attempt - 1] * 1.25 + 0.001


@pytest.mark.parametrize("reason", [Reason.PROVIDER_ERROR, Reason.RATE_LIMITED])
@pytest.mark.parametrize(
    ("left_ms", "tries"), [(29_999, False), (30_000, False), (30_001, True), (0, True)]
)
def test_nothing_is_tried_at_or_after_the_deadline(
    reason: Reason, left_ms: int, tries: bool
) -> None:
    failed = Failure(reason, again=True, after=30)
    verdict = after(failed, valid_until=NOW + left_ms if left_ms else 0)
    assert isinstance(verdict, Again) is tries
    assert tries or verdict == Enough(Reason.DEADLINE)


def test_a_failing_route_is_left_alone_longer_and_longer_up_to_two_minutes() -> None:
    waits = [circuit_wait_ms(faults) for faults in range(len(CIRCUIT_S) + 2)]
    assert waits == [2_000, 5_000, 15_000, 30_000, 60_000, 120_000, 120_000, 120_000]
