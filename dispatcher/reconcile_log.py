"""The verb after a restore: own up to what was lost, and let nothing be sent twice.

The log goes on as a new generation, which names the checkpoint that was lost. What the lost part
may have sent nobody here can know:

- a delivery whose intent was written, and that had no outcome, becomes ``unknown``;
- every dispatch that has not ended is paused with all that waits in it. A person who has asked the
  provider says ``resume`` or ``cancel``, dispatch by dispatch;
- new dispatches are numbered behind a gap, because providers know messages by our numbers;
- approvals that no dispatch has used, as far as this database knows, are ended and named: they may
  have gone out in the part that was lost.
"""

from dataclasses import dataclass
from typing import Any

from dispatcher.compare_outside import INSTALLATION
from dispatcher.domain import authority
from dispatcher.domain.alarms import Alarm
from dispatcher.domain.approvals import State
from dispatcher.domain.errors import BadInput, Conflict, Forbidden
from dispatcher.domain.model import DispatchState
from dispatcher.domain.status import Reason, Standing, Status
from dispatcher.ledger import (
    approvals,
    backlog,
    deliveries,
    desk,
    dispatches,
    generations,
    pages,
    restored,
    sealer,
)
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.kept import Kept, Point
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Move, Place, transition

#: Why a dispatch is paused by this verb.
PAUSED = "khôi phục: hỏi nhà cung cấp phần nào đã gửi, rồi tiếp tục hoặc hủy"

_OPEN = (
    DispatchState.SCHEDULED,
    DispatchState.RUNNING,
    DispatchState.PAUSED,
    DispatchState.STOPPED,
)

#: Slashes in the path of an agency with nobody above it: ``/1/``.
_TOP = 2


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What became of it: the new generation, leaves kept and lost, deliveries now unknown,
    dispatches paused, and approvals that may have been used in the part that was lost."""

    generation: int
    kept: int
    lost: int
    unknown: int
    paused: tuple[int, ...]
    unused: tuple[int, ...]


def reconcile_log(ledger: Ledger, kept: Kept, actor: Actor, why: str) -> Reconciled:
    """Begin the next generation of a log that does not contain what is kept outside.

    For an administrator of the agency at the top. ``why``: what was restored, and from when.
    Raises Forbidden; BadInput without a reason; Conflict when there is nothing to reconcile.
    """
    _may(actor, why)
    former = kept.newest()
    with ledger.begin() as conn:
        if former is None or generations.contains(conn, kept.origin, former):
            raise Conflict(
                "log_agrees",
                "Sổ nhật ký khớp với điểm kiểm giữ bên ngoài: không có gì để đối chiếu.",
                "The log contains the checkpoint kept outside: there is nothing to reconcile.",
            )
        now, size = desk.now(conn), sealer.size(conn)
        number = _begin(conn, kept, former, size, why=why, actor=actor, now=now)
        rows = dispatches.in_state(conn, *_OPEN)
        unknown = sum(_hold(conn, row, actor, number, now) for row in rows)
        unused = _end_unused(conn, actor, number, now)
        restored.release(conn)
        desk.clear_alarm(conn, INSTALLATION, Alarm.LOG_WENT_BACK, "log", now)
    lost = max(former.size - size, 0)
    return Reconciled(number, size, lost, unknown, tuple(row.id for row in rows), tuple(unused))


def _end_unused(conn: Connection, actor: Actor, generation: int, now: int) -> list[int]:
    """What nobody has started, as far as is remembered, may have been: it is approved anew."""
    unused = generations.unused_approvals(conn)
    for each in unused:
        approvals.supersede(conn, each, [State.APPROVED])
        subject, facts = f"approval:{each}", {"generation": generation}
        pages.record(conn, "supersede", subject, actor=actor.account, at=now, facts=facts)
    return unused


def _may(actor: Actor, why: str) -> None:
    authority.require("configure", actor.roles)
    if actor.path.count("/") != _TOP:
        raise Forbidden(
            "not_the_top",
            "Việc đối chiếu sổ nhật ký thuộc quản trị viên của cơ quan cao nhất.",
            "Reconciling the log is for an administrator of the agency at the top.",
        )
    if not why.strip():
        raise BadInput(
            "no_reason",
            "Ghi lý do bằng --why: đã khôi phục cái gì, bản sao lúc nào.",
            "Say why with --why: what was restored, and from when.",
            field="--why",
        )


def _begin(
    conn: Connection, kept: Kept, former: Point, size: int, *, why: str, actor: Actor, now: int
) -> int:
    generations.leave_lost_numbers(conn)
    return generations.begin(
        conn,
        kept.origin,
        tree=(size, sealer.tree_at(conn, size).root()),
        former=former,
        why=why,
        actor=actor.account,
        at=now,
    )


def _hold(conn: Connection, row: Row[Any], actor: Actor, generation: int, now: int) -> int:
    """Pause a dispatch; return how many of its deliveries have become unknown."""
    place = Place(row.id, row.part)
    moves = []
    for left in backlog.taken(conn, row.id):
        again = backlog.gathered(conn, left)
        moves += [
            Move(each.id, Standing(each.attempt, Status.UNKNOWN, Reason.CRASH))
            for each in deliveries.ambiguous(conn, left)
            if each.id not in again
        ]
    moved = transition(conn, place, moves, actor=actor.account, now=now)
    backlog.lay_down(conn, row.id)
    dispatches.set_state(conn, row.id, DispatchState.PAUSED, was=_OPEN, why=PAUSED)
    facts = {"was": row.state, "generation": generation, "unknown": moved}
    subject = f"dispatch:{row.id}"
    pages.record(conn, "pause", subject, actor=actor.account, at=now, facts=facts, dispatch=row.id)
    return moved
