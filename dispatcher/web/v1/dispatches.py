"""Dispatches: start, look, pause, resume, cancel."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from dispatcher.bootstrap import Runtime
from dispatcher.cancel import cancel, pause, resume
from dispatcher.ledger import dispatches
from dispatcher.ledger.registry import Actor
from dispatcher.submit import submit
from dispatcher.web import access
from dispatcher.web.access import NEWEST, Here, Me
from dispatcher.web.once import Key, once
from dispatcher.web.overview import Overview, Summary, overview, summary
from dispatcher.web.v1.shapes import MOST, Before, Created, Limit, Number, Text

router = APIRouter(prefix="/dispatches", tags=["dispatches"])


class Start(BaseModel):
    """What to start: an approval, which fixes the text, the audience, channels and hours."""

    approval: int = Field(ge=1, le=MOST)


class Page(BaseModel):
    """``next``: pass it as ``before`` for the next page; null on the last one."""

    items: list[Summary]
    next: int | None


@router.post("", status_code=201)
def start_dispatch(here: Here, me: Me, key: Key, asked: Start, response: Response) -> Created:
    """Start what was approved, now or at its time. A repeat with the same key starts nothing."""
    with here.ledger.read() as conn:
        access.approval(conn, me, asked.approval)

    def start() -> dict[str, int]:
        return {"id": submit(here.ledger, here.queue, here.traits, me, asked.approval)}

    body = f"POST /v1/dispatches {asked.model_dump_json()}".encode()
    answer, repeated = once(here.ledger, me, key, body, start)
    if repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return Created(**answer)


@router.get("")
def list_dispatches(here: Here, me: Me, before: Before = None, limit: Limit = 50) -> Page:
    """Dispatches of your agency and those below it in your key's mode, newest first."""
    with here.ledger.read() as conn:
        rows = dispatches.page_of(conn, me.path, me.mode, before or NEWEST, limit)
        items = [summary(conn, row) for row in rows]
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.get("/{dispatch}")
def get_dispatch(here: Here, me: Me, dispatch: Number) -> Overview:
    """Where it stands: state and why, counts per channel and status, alarms, what waits."""
    return _look(here, me, dispatch)


def _look(here: Runtime, me: Actor, dispatch: int) -> Overview:
    with here.ledger.read() as conn:
        return overview(conn, here.traits, access.dispatch(conn, me, dispatch))


def _theirs(here: Here, me: Me, dispatch: Number) -> int:
    """The dispatch's id, when it is the actor's to act on."""
    with here.ledger.read() as conn:
        return int(access.dispatch(conn, me, dispatch).id)


Theirs = Annotated[int, Depends(_theirs)]


@router.post("/{dispatch}/pause")
def pause_dispatch(here: Here, me: Me, dispatch: Theirs, asked: Text) -> Overview:
    """Send nothing more for now; what was handed out stays."""
    pause(here.ledger, me, dispatch, asked.why)
    return _look(here, me, dispatch)


@router.post("/{dispatch}/resume")
def resume_dispatch(here: Here, me: Me, dispatch: Theirs, asked: Text) -> Overview:
    """Go on with exactly what is left."""
    resume(here.ledger, here.queue, me, dispatch, asked.why)
    return _look(here, me, dispatch)


@router.post("/{dispatch}/cancel")
def cancel_dispatch(here: Here, me: Me, dispatch: Theirs, asked: Text) -> Overview:
    """Send nothing more and call back what can be called back. Cannot be undone."""
    cancel(here.ledger, here.queue, me, dispatch, asked.why)
    return _look(here, me, dispatch)
