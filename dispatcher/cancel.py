"""The verbs of stopping: cancel for good, pause and resume. A tombstone, not a purge.

The state in the dispatch's row is all it takes: every intent asks for it, so sending ends within
one window. What was already handed out is called back by ``settle``.
"""

from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.domain.model import DispatchState
from dispatcher.domain.ports import Queue
from dispatcher.ledger import desk, dispatches, pages
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.replace import replace_earlier

_OPEN = (
    DispatchState.SCHEDULED,
    DispatchState.RUNNING,
    DispatchState.PAUSED,
    DispatchState.STOPPED,
)


def cancel(ledger: Ledger, queue: Queue, actor: Actor, dispatch: int, why: str) -> None:
    """Send nothing more and call back what can be called back."""
    with ledger.begin() as conn:
        _enter(conn, actor, dispatch, "cancel", why, DispatchState.CANCELLED, _OPEN)
    queue.ring("tick")


def pause(ledger: Ledger, actor: Actor, dispatch: int, why: str) -> None:
    """Send nothing more for now; what was handed out stays."""
    running = (DispatchState.RUNNING, DispatchState.SCHEDULED)
    with ledger.begin() as conn:
        _enter(conn, actor, dispatch, "pause", why, DispatchState.PAUSED, running)


def resume(ledger: Ledger, queue: Queue, actor: Actor, dispatch: int, why: str) -> None:
    """Go on with exactly what is left; what has an hour yet to come waits for it."""
    held = (DispatchState.PAUSED, DispatchState.STOPPED)
    with ledger.begin() as conn:
        row = dispatches.load(conn, dispatch)
        waits = row is not None and row.start_at > desk.now(conn)
        state = DispatchState.SCHEDULED if waits else DispatchState.RUNNING
        _enter(conn, actor, dispatch, "resume", why, state, held)
        if not waits:
            replace_earlier(conn, dispatch)
    queue.ring("expand")
    for lane in range(3):
        queue.ring("deliver", lane)


def _enter(  # noqa: PLR0917 - one row of the table of acts above
    conn: Connection,
    actor: Actor,
    dispatch: int,
    act: str,
    why: str,
    state: DispatchState,
    was: tuple[DispatchState, ...],
) -> None:
    authority.require("cancel" if act == "cancel" else "pause", actor.roles)
    row = dispatches.load(conn, dispatch)
    if row is None or not authority.below(actor.path, row.path):
        raise NotFound("no_dispatch", "Không có lần phát tin này.", "No such dispatch.")
    if not dispatches.set_state(conn, dispatch, state, was=was, why=why):
        raise Conflict(
            "wrong_state",
            f"Không thể thực hiện: lần phát tin đang ở trạng thái '{row.state}'.",
            f"Not possible: the dispatch is '{row.state}'.",
        )
    pages.record(
        conn,
        act,
        f"dispatch:{dispatch}",
        actor=actor.account,
        at=desk.now(conn),
        facts={"was": row.state},
        dispatch=dispatch,
    )
