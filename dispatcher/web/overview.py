"""One dispatch as people look at it: where it stands, and why it waits. For API and console."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from dispatcher.domain.model import DispatchState, Traits, Unit
from dispatcher.domain.status import Status
from dispatcher.ledger import bulletins, desk, dispatches, outside, reading, told
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.transition import Place


class Count(BaseModel):
    """How many deliveries of a channel stand so, in the channel's own unit.

    ``evidence``: how many of them rest on whose word; empty for very large dispatches.
    """

    channel: str
    unit: Unit
    status: str
    count: int
    evidence: dict[str, int]


class Alarm(BaseModel):
    """Something a person should look at. ``at``: epoch ms."""

    code: str
    subject: str
    words: str
    at: int


class Waiting(BaseModel):
    """Batches of a channel that are not being sent, and why.

    ``why``: ``pause``, ``stop``, ``outside`` (somebody outside has not approved what this channel
    would carry), ``window`` (its hour has not come), ``circuit`` (the route
    failed), ``no_route``, ``rate`` or ``turn``; ``until``: epoch ms, 0 when nobody can say.
    """

    channel: str
    batches: int
    deliveries: int
    why: str
    until: int
    words: str


class LedgerState(BaseModel):
    """What the audit log holds of a dispatch. ``unsealed``: pages no checkpoint covers yet."""

    entries: int
    unsealed: int


class Summary(BaseModel):
    """A dispatch in a list. Times in epoch ms, 0 for none."""

    id: int
    title: str
    agency: str
    level: str
    mode: str
    drill: bool
    state: str
    why: str
    start_at: int
    valid_until: int
    created_at: int
    finished_at: int


class Overview(Summary):
    """A dispatch with everything about its progress."""

    bulletin: int
    version: int
    approval: int
    areas: list[str]
    channels: list[str]
    expanded: bool
    counts: list[Count]
    alarms: list[Alarm]
    waiting: list[Waiting]
    ledger: LedgerState


def summary(conn: Connection, row: Row[Any]) -> Summary:
    return Summary(**_head(conn, row))


def overview(conn: Connection, traits: Mapping[str, Traits], row: Row[Any]) -> Overview:
    """Everything about a dispatch as it stands now; ``row`` from ``access.dispatch``."""
    spot = Place(row.id, row.part)
    return Overview(
        **_head(conn, row),
        bulletin=row.bulletin_id,
        version=row.version_id,
        approval=row.approval_id,
        areas=reading.places(conn, row.plan["audience"]),
        channels=row.plan["channels"],
        expanded=dispatches.expanded(conn, row.id),
        counts=_counts(conn, traits, spot),
        alarms=[
            Alarm(code=each.code, subject=each.subject, words=each.words, at=each.raised_at)
            for each in desk.alarms(conn, [row.id])
        ],
        waiting=_waiting(conn, row),
        ledger=LedgerState(
            entries=reading.entries_of(conn, row.id), unsealed=reading.unsealed_of(conn, row.id)
        ),
    )


def _head(conn: Connection, row: Row[Any]) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": bulletins.content_of(conn, row.version_id).title["vi"],
        "agency": row.agency_name,
        "level": row.level,
        "mode": row.mode,
        "drill": row.drill,
        "state": row.state,
        "why": row.state_why,
        "start_at": row.start_at,
        "valid_until": row.valid_until,
        "created_at": row.created_at,
        "finished_at": row.finished_at or 0,
    }


def _counts(conn: Connection, traits: Mapping[str, Traits], spot: Place) -> list[Count]:
    words = reading.evidence(conn, spot)
    return [
        Count(
            channel=channel,
            unit=traits[channel].unit,
            status=status.word,
            count=count,
            evidence={
                word.word: times for word, times in words.get((channel, status), {}).items() if word
            },
        )
        for channel, row in told.counts(conn, traits, spot).items()
        for status, count in row.items()
        if count
    ]


def _waiting(conn: Connection, row: Row[Any]) -> list[Waiting]:
    now = desk.now(conn)
    stops = {each.scope: each.why for each in desk.stops(conn)}
    routes = reading.routes_for(conn, row.path)
    held = {each.channel: each.subject for each in outside.holding(conn, row.version_id)}
    found = []
    for each in reading.waiting(conn, row.id):
        usable = [route for route in routes if _serves(route, row, each.channel)]
        why, until, words = _why(row, each, usable, stops, now)
        if each.channel in held and why not in {"pause", "stop"}:
            why, until, words = "outside", 0, held[each.channel]
        found.append(
            Waiting(
                channel=each.channel,
                batches=each.batches,
                deliveries=each.deliveries,
                why=why,
                until=until,
                words=words,
            )
        )
    return found


def _serves(route: Row[Any], row: Row[Any], channel: str) -> bool:
    own_or_above = row.path.startswith(route.path)
    return bool(own_or_above and route.channel == channel and route.mode == row.mode)


def _why(
    row: Row[Any], batch: Row[Any], routes: Sequence[Row[Any]], stops: Mapping[str, str], now: int
) -> tuple[str, int, str]:
    """The first reason that holds, in the order in which a claim would meet them."""
    if row.state in {DispatchState.PAUSED, DispatchState.STOPPED}:
        return ("pause" if row.state == DispatchState.PAUSED else "stop"), 0, row.state_why
    for scope in ("all", f"agency:{row.agency_id}", f"dispatch:{row.id}"):
        if scope in stops:
            return "stop", 0, stops[scope]
    due = max(batch.due_at, row.start_at)
    if due > now:
        return "window", due, ""
    return _why_routes([each for each in routes if f"route:{each.id}" not in stops], now)


def _why_routes(routes: Sequence[Row[Any]], now: int) -> tuple[str, int, str]:
    working = [each for each in routes if each.stopped_at is None]
    if not working:
        return "no_route", 0, next((each.stopped_why for each in routes), "")
    closed = [each for each in working if each.open_until <= now]
    if not closed:
        first = min(working, key=lambda each: each.open_until)
        return "circuit", first.open_until, first.why
    slot = min(each.next_slot_us for each in closed) // 1000
    return ("rate", slot, "") if slot > now + 1000 else ("turn", 0, "")


#: Words that count as arrived, for one glance at a channel.
ARRIVED = frozenset({Status.DELIVERED.word, Status.SEEN.word})
