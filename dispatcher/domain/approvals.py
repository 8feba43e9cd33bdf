"""The life of an approval and the ways to one, as tables (docs/design.md §7)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from dispatcher.domain.errors import BadInput, Conflict, Forbidden
from dispatcher.domain.model import DispatchState, Level

HOUR_MS = 3_600_000

#: What one person released is confirmed by another within this time; as long again, and the
#: agency above is told.
CONFIRM_WITHIN_MS = 24 * HOUR_MS


class State(StrEnum):
    """Where a request for approval stands. A version without a request is a draft."""

    SUBMITTED = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    SUPERSEDED = "superseded"


#: From → to. What was returned or superseded goes nowhere: it is written and submitted anew.
MOVES: Mapping[State, frozenset[State]] = MappingProxyType(
    {
        State.SUBMITTED: frozenset({State.APPROVED, State.RETURNED, State.SUPERSEDED}),
        State.APPROVED: frozenset({State.SUPERSEDED}),
        State.RETURNED: frozenset(),
        State.SUPERSEDED: frozenset(),
    }
)

#: From which states a dispatch may start.
STARTABLE = frozenset({State.APPROVED})

#: The state of a dispatch → what people call its approval.
_STAGES = MappingProxyType({DispatchState.SCHEDULED: "scheduled"})


def stage(state: State, dispatch: DispatchState | None) -> str:
    """Where the whole matter stands: the approval's state until a dispatch continues it."""
    return state.value if dispatch is None else _STAGES.get(dispatch, "started")


def require_move(before: State, after: State) -> None:
    """Raises Conflict unless the table allows the move."""
    if after not in MOVES[before]:
        raise Conflict(
            "already_decided",
            "Yêu cầu này đã được xử lý.",
            "This request has been dealt with already.",
        )


class Way(StrEnum):
    """How it came to be approved."""

    TWO_PEOPLE = "two_people"
    DUTY = "duty"
    VERBAL = "verbal"
    ON_BEHALF = "on_behalf"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a way is for, and whether another approver has to confirm afterwards."""

    levels: frozenset[Level]
    confirm: bool


_URGENT = frozenset({Level.PRIORITY, Level.EMERGENCY})

WAYS: Mapping[Way, Rule] = MappingProxyType(
    {
        Way.TWO_PEOPLE: Rule(frozenset(Level), confirm=False),
        Way.DUTY: Rule(_URGENT, confirm=True),
        Way.VERBAL: Rule(_URGENT, confirm=True),
        Way.ON_BEHALF: Rule(_URGENT, confirm=True),
    }
)


def require_level(way: Way, level: Level) -> None:
    """Raises Conflict when a level cannot be released this way: campaigns wait for the day."""
    if level not in WAYS[way].levels:
        raise Conflict(
            "not_urgent",
            "Tin mức thông thường không được phát theo cách này. Trình người có quyền duyệt.",
            "A bulletin of normal level is not released this way. Have it approved.",
            field="level",
        )


def confirm_by(way: Way, at: int) -> int | None:
    """When what was released at a moment (epoch ms) has to be confirmed; None: never."""
    return at + CONFIRM_WITHIN_MS if WAYS[way].confirm else None


def may_confirm(account: int, involved: Collection[int]) -> None:
    """Raises Forbidden: who wrote, submitted or released it does not confirm it."""
    if account in involved:
        raise Forbidden(
            "own_release",
            "Người soạn, trình hoặc phát không được tự xác nhận. Cần một người duyệt khác.",
            "Who wrote, submitted or released it cannot confirm it. Another approver has to.",
        )


class How(StrEnum):
    """By which means an order was given by word of mouth."""

    PHONE = "phone"
    RADIO = "radio"
    IN_PERSON = "in_person"


@dataclass(frozen=True, slots=True)
class VerbalOrder:
    """An order by word of mouth (lệnh miệng). ``by``: account; ``at``: epoch ms."""

    by: int
    at: int
    how: How

    def check(self, now: int, recorder: int) -> None:
        """Raises BadInput for one given by the recorder, to come, or older than a day."""
        if self.by == recorder:
            raise _bad_order(
                "orderer",
                "Người ra lệnh phải là người khác, không phải người ghi lệnh.",
                "The order must be another person's than the recorder's.",
            )
        if not now - CONFIRM_WITHIN_MS <= self.at <= now:
            raise _bad_order(
                "ordered_at",
                "Giờ ra lệnh phải trong 24 giờ qua.",
                "The order must have been given within the last 24 hours.",
            )


def _bad_order(field: str, vi: str, en: str) -> BadInput:
    return BadInput("bad_order", vi, en, field=field)


class Unproven(Conflict):
    """What is stored is no longer what the log says was submitted or approved."""


def unproven(field: str) -> Unproven:
    """The complaint about a row that was edited behind the log's back."""
    return Unproven(
        "approval_edited",
        f"Dữ liệu duyệt không khớp sổ nhật ký ({field}): không phát. Báo người kiểm tra; "
        "trình duyệt lại.",
        f"What is stored does not fit the log ({field}): it is not sent. Tell the auditor; "
        "submit it anew.",
        field=field,
    )
