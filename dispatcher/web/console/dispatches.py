"""The pages about dispatches: the list, one dispatch live, its sounds, and its controls."""

import time
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from dispatcher.bootstrap import Runtime
from dispatcher.cancel import cancel, pause, resume
from dispatcher.ledger import bulletins, desk, dispatches, sealer
from dispatcher.ledger.registry import Actor
from dispatcher.web import access
from dispatcher.web.access import NEWEST, Here
from dispatcher.web.console import view
from dispatcher.web.console.live import Live, mark
from dispatcher.web.console.pages import Pages, language
from dispatcher.web.console.session import Shown, Visitor
from dispatcher.web.device_media import MediaShelf
from dispatcher.web.overview import Overview, overview, summary
from dispatcher.web.v1.bulletins import rendered
from dispatcher.web.v1.shapes import MOST, Before, Number

router = APIRouter(prefix="/console", include_in_schema=False)

_PER_PAGE = 30

#: The acts that a dispatch in each state allows.
_ACTS = {
    "scheduled": ("pause", "cancel"),
    "running": ("pause", "cancel"),
    "paused": ("resume", "cancel"),
    "stopped": ("resume", "cancel"),
}


#: The right that each act takes.
_RIGHT = {"pause": "pause", "resume": "pause", "cancel": "cancel"}


@router.get("")
def list_page(
    here: Here, me: Visitor, request: Request, shown: Shown, before: Before = None
) -> Response:
    with here.ledger.read() as conn:
        rows = dispatches.page_of(conn, me.path, me.mode, before or NEWEST, _PER_PAGE)
        items = [summary(conn, row) for row in rows]
    older = rows[-1].id if len(rows) == _PER_PAGE else None
    return shown.page(request, "dispatches.html", {"actor": me, "items": items, "older": older})


@router.get("/dispatches/{dispatch}")
def dispatch_page(
    here: Here, me: Visitor, request: Request, shown: Shown, dispatch: Number
) -> Response:
    """Where it stands, who is silent, what went out, and what can be done."""
    with here.ledger.read() as conn:
        row = access.dispatch(conn, me, dispatch)
        now = overview(conn, here.traits, row)
        renditions = [rendered(each) for each in bulletins.renditions_of(conn, row.version_id)]
        latest = sealer.latest(conn)
        progress = _progress(now, desk.now(conn))
    planned = [each for each in renditions if each.channel in now.channels]
    planned.sort(key=lambda each: (each.channel, each.lang != "vi", each.lang))
    acts = [
        act for act in _ACTS.get(now.state, ()) if access.may(me, act.replace("resume", "pause"))
    ]
    values = {"actor": me, "renditions": planned, "acts": acts, "latest": latest}
    return shown.page(request, "dispatch.html", {**values, **progress})


@router.get("/dispatches/{dispatch}/live")
def live(here: Here, me: Visitor, request: Request, dispatch: Number) -> Response:
    """Server-sent events: the progress part of the page whenever it has changed."""
    with here.ledger.read() as conn:
        number = int(access.dispatch(conn, me, dispatch).id)
    last = request.headers.get("last-event-id") or request.query_params.get("last", "")
    events = _events(request, number, last[:64])
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(events, media_type="text/event-stream", headers=headers)


async def _events(request: Request, dispatch: int, last: str) -> AsyncIterator[str]:
    board: Live = request.app.state.live
    shown: Pages = request.app.state.pages
    lang = language(request)
    yield "retry: 2000\n\n"
    async for news in board.follow(dispatch, last):
        if news is None:
            yield ": beat\n\n"
            continue
        name, found = news
        text = shown.text("_progress.html", lang, _progress(found, time.time_ns() // 1_000_000))
        yield f"id: {name}\n" + "".join(f"data: {line}\n" for line in text.splitlines()) + "\n"


@router.get("/media/{sha256}")
def sound(
    here: Here,
    me: Visitor,
    request: Request,
    sha256: str,
    dispatch: Annotated[int, Query(ge=1, le=MOST)],
) -> Response:
    """A sound of a dispatch that the visitor may see, whole or in part."""
    with here.ledger.read() as conn:
        row = access.dispatch(conn, me, dispatch)
        sounds = {
            each.sample.media.sha256: each.sample.media
            for each in bulletins.renditions_of(conn, row.version_id)
            if each.sample.media
        }
        data = bulletins.media_data(conn, sha256) if sha256 in sounds else None
    if data is None:
        raise access.nothing()
    reply = MediaShelf.serve(sha256, data, request.headers)
    headers = {**reply.headers, "cache-control": "private, max-age=3600"}
    return Response(bytes(reply.body), reply.status, headers, sounds[sha256].mime)


Why = Annotated[str, Form(max_length=500)]


@router.post("/dispatches/{dispatch}/pause")
def pause_page(here: Here, me: Visitor, dispatch: Number, why: Why = "") -> Response:
    pause(here.ledger, me, _theirs(here, me, dispatch), why)
    return _back(dispatch)


@router.post("/dispatches/{dispatch}/resume")
def resume_page(here: Here, me: Visitor, dispatch: Number, why: Why = "") -> Response:
    resume(here.ledger, here.queue, me, _theirs(here, me, dispatch), why)
    return _back(dispatch)


@router.post("/dispatches/{dispatch}/cancel")
def cancel_page(here: Here, me: Visitor, dispatch: Number, why: Why = "") -> Response:
    cancel(here.ledger, here.queue, me, _theirs(here, me, dispatch), why)
    return _back(dispatch)


def _progress(shown: Overview, now: int) -> dict[str, Any]:
    """What the live part of the page is made of. ``now``: epoch ms."""
    return {
        "it": shown,
        "mark": mark(shown),
        "now": now,
        "channels": view.channels(shown),
        "silent": view.silent(shown),
        "alarms": view.other_alarms(shown),
    }


def _theirs(here: Runtime, me: Actor, dispatch: int) -> int:
    with here.ledger.read() as conn:
        return int(access.dispatch(conn, me, dispatch).id)


def _back(dispatch: int) -> Response:
    return RedirectResponse(f"/console/dispatches/{dispatch}", 303)
