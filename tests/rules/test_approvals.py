"""The tables of approval: what may follow what, and which way is for what."""

from __future__ import annotations

import pytest

from dispatcher.domain import difference
from dispatcher.domain.approvals import (
    MOVES,
    STARTABLE,
    WAYS,
    State,
    Way,
    confirm_by,
    require_level,
    require_move,
    stage,
)
from dispatcher.domain.errors import Conflict
from dispatcher.domain.model import DispatchState, Level

#: Every move there is.
LEGAL = {
    ("submitted", "approved"),
    ("submitted", "returned"),
    ("submitted", "superseded"),
    ("approved", "superseded"),
}


@pytest.mark.parametrize("before", State)
@pytest.mark.parametrize("after", State)
def test_a_state_is_left_by_the_moves_of_the_table_only(before: State, after: State) -> None:
    if (before.value, after.value) in LEGAL:
        require_move(before, after)
        return
    with pytest.raises(Conflict) as refused:
        require_move(before, after)
    assert refused.value.code == "already_decided"


def test_only_what_is_approved_starts_and_what_is_over_stays_over() -> None:
    assert list(STARTABLE) == [State.APPROVED]
    assert [state for state in State if not MOVES[state]] == [State.RETURNED, State.SUPERSEDED]


@pytest.mark.parametrize("way", Way)
@pytest.mark.parametrize("level", Level)
def test_one_person_alone_is_for_what_is_urgent(way: Way, level: Level) -> None:
    if way is Way.TWO_PEOPLE or level is not Level.NORMAL:
        require_level(way, level)
        return
    with pytest.raises(Conflict) as refused:
        require_level(way, level)
    assert refused.value.code == "not_urgent"


@pytest.mark.parametrize("way", WAYS)
def test_what_one_person_released_is_confirmed_within_a_day(way: Way) -> None:
    assert confirm_by(way, 1_000) == (None if way is Way.TWO_PEOPLE else 86_401_000)


@pytest.mark.parametrize(
    ("dispatch", "word"),
    [
        (None, "approved"),
        (DispatchState.SCHEDULED, "scheduled"),
        (DispatchState.RUNNING, "started"),
        (DispatchState.DONE, "started"),
        (DispatchState.CANCELLED, "started"),
    ],
)
def test_a_dispatch_continues_an_approval(dispatch: DispatchState | None, word: str) -> None:
    assert stage(State.APPROVED, dispatch) == word


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", "một hai"),
        ("một hai", ""),
        ("nước lên", "nước  lên"),
        ("a b c d", "a x c y z"),
        ("Dòng một\nDòng hai", "Dòng một\n\nDòng ba"),
    ],
)
def test_the_pieces_of_a_difference_make_both_texts(old: str, new: str) -> None:
    pieces = difference.words(old, new)
    assert "".join(each.text for each in pieces if each.fate != "added") == old
    assert "".join(each.text for each in pieces if each.fate != "removed") == new
