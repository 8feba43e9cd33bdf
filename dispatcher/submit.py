"""The verb that starts: an approved version becomes a dispatch. One transaction, then the bell."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dispatcher.domain import authority
from dispatcher.domain.alarms import Alarm
from dispatcher.domain.content import Content
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.domain.model import DispatchState, Level, TargetKind, Traits
from dispatcher.domain.plan import Plan
from dispatcher.domain.playlist import HANOI
from dispatcher.domain.ports import Queue
from dispatcher.ledger import audiences, bulletins, desk, dispatches, pages, people, routes
from dispatcher.ledger.bulletins import APPROVED
from dispatcher.ledger.dispatches import NewDispatch
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.transition import Place
from dispatcher.replace import replace_earlier

#: Digits of a commune's code; a province has two, the centre none.
_COMMUNE_CODE = 5


def submit(
    ledger: Ledger,
    queue: Queue,
    traits: Mapping[str, Traits],
    actor: Actor,
    approval: int,
) -> int:
    """Start what was approved, now or at its time; return the dispatch's id.

    Raises Conflict when the approval is missing, was returned, is bound to another text, or is
    for another mode; when its time has passed; when a channel has no usable route. The same
    approval starts once: a repeat returns the same dispatch.
    """
    authority.require("start", actor.roles)
    with ledger.begin() as conn:
        now = desk.now(conn)
        found = bulletins.lock_approval(conn, approval)
        version = bulletins.load_version(conn, found.version_id) if found else None
        if found is None or version is None or version.agency_id != actor.agency:
            raise NotFound("no_approval", "Không có yêu cầu duyệt này.", "No such approval.")
        started = dispatches.of_approval(conn, approval)
        if started is not None:
            return started
        plan = _approved_plan(conn, found, version, now)
        authority.require_mode(actor.mode, plan.mode)
        _refuse_live_on_demo(conn, plan)
        written = bulletins.content_of(conn, version.id)
        grown = _growth(conn, plan, written.level)
        usable = routes.usable(conn, ledger.vault, actor.path, plan.mode.value)
        _check_routes(plan, usable)
        place = dispatches.add(conn, _new(conn, actor, plan, found, now, written.level), now)
        for route in usable:
            if route.channel in plan.channels and traits[route.channel].target is TargetKind.ORDER:
                _order(conn, place, plan, route, _issuer(actor, written, max(now, plan.start_at)))
        if plan.start_at <= now:
            replace_earlier(conn, place.dispatch)
        if grown:
            desk.raise_alarm(conn, place.dispatch, Alarm.AUDIENCE_GREW, "audience", grown, now)
        pages.record(
            conn,
            "start",
            f"dispatch:{place.dispatch}",
            actor=actor.account,
            at=now,
            facts={"approval": approval, "digest": bytes(version.digest).hex()},
            dispatch=place.dispatch,
        )
    queue.ring("expand")
    return place.dispatch


def _approved_plan(conn: Connection, found: Row[Any], version: Row[Any], now: int) -> Plan:
    """The terms, after proving that what is stored is still what was approved."""
    digest = bulletins.version_digest(
        bulletins.content_of(conn, version.id), bulletins.renditions_of(conn, version.id)
    )
    if found.state != APPROVED or bytes(found.digest) != digest:
        raise Conflict(
            "not_approved",
            "Bản tin chưa được duyệt đúng nội dung này. Trình duyệt rồi phát.",
            "This exact text has not been approved. Have it approved first.",
            field="approval",
        )
    plan = Plan.from_json(json.loads(found.terms))
    if plan.valid_until and plan.valid_until <= now:
        raise Conflict(
            "expired",
            "Đã quá hạn hiệu lực của bản tin. Soạn bản tin mới.",
            "The bulletin's validity is over. Write a new one.",
            field="valid_until",
        )
    return plan


def _refuse_live_on_demo(conn: Connection, plan: Plan) -> None:
    if plan.mode.value == "live" and desk.get_mark(conn, "kind") != "production":
        raise Conflict(
            "demo_database",
            "Cơ sở dữ liệu này để thử nghiệm, không được phát thật.",
            "This database is marked as a demo or test: nothing live leaves it.",
            field="mode",
        )


def _growth(conn: Connection, plan: Plan, level: Level) -> str:
    """What to tell people of an emergency that outgrew its approval, or nothing.

    Any other audience that did asks again: raises Conflict.
    """
    count = audiences.count_contacts(conn, plan.audience)
    if count <= plan.ceiling:
        return ""
    words = f"Số người nhận nay là {count}, duyệt cho tối đa {plan.ceiling}."
    if level is Level.EMERGENCY:
        return words
    raise Conflict(
        "audience_grew",
        f"{words} Trình duyệt lại.",
        f"The audience is now {count}, approved for at most {plan.ceiling}. Ask again.",
        field="audience",
    )


def _check_routes(plan: Plan, usable: list[routes.Route]) -> None:
    """Say before anything is sent that a channel has no way out."""
    open_channels = {route.channel for route in usable if not route.stopped}
    missing = [channel for channel in plan.channels if channel not in open_channels]
    if missing:
        raise Conflict(
            "no_route",
            f"Chưa có kết nối nhà cung cấp dùng được cho: {', '.join(missing)}.",
            f"No usable route for: {', '.join(missing)}.",
            field="channels",
        )


def _issuer(actor: Actor, written: Content, since: int) -> dict[str, Any]:
    name = written.agency.name.get("vi") or written.agency.short_name
    return {"area": actor.area, "agency": name, "symbol": written.symbol, "from": since}


def _new(
    conn: Connection, actor: Actor, plan: Plan, found: Row[Any], now: int, level: Level
) -> NewDispatch:
    waits = plan.start_at > now
    return NewDispatch(
        agency=actor.agency,
        version=found.version_id,
        approval=found.id,
        mode=plan.mode.value,
        drill=plan.drill,
        level=level.value,
        plan=plan.to_json(),
        start_at=plan.start_at or now,
        valid_until=plan.valid_until,
        max_contact=people.last_id(conn),
        expected=plan.counted * len(plan.channels),
        created_by=actor.account,
        state=DispatchState.SCHEDULED if waits else DispatchState.RUNNING,
    )


def _order(
    conn: Connection, place: Place, plan: Plan, route: routes.Route, issuer: Mapping[str, Any]
) -> None:
    carrier = str(route.settings.get("carrier", route.name))
    dispatches.add_order(
        conn,
        place.dispatch,
        route_id=route.id,
        number=f"LOA-{place.dispatch}-{route.id}",
        medium="ringback",
        carrier=carrier,
        terms={**_order_terms(plan, issuer), "carrier": carrier},
    )


def _order_terms(plan: Plan, issuer: Mapping[str, Any]) -> dict[str, Any]:
    """What the carrier is asked to do, besides the sound.

    A commune may set the tone of its own numbers only; announcements on all calls from an area
    are ordered by the centre and the provinces (docs/design.md §6).
    """
    own = len(issuer["area"]) == _COMMUNE_CODE
    return {
        "areas": sorted(plan.audience.areas) or [issuer["area"]],
        "period": {"from": _local(issuer["from"]), "until": _local(plan.valid_until)},
        "caller_class": "own_numbers" if own else "all",
        "authorised_by": {"symbol": issuer["symbol"], "agency": issuer["agency"]},
        "drill": plan.drill,
    }


def _local(at: int) -> str:
    """RFC 3339 in Vietnam's time, as carriers read it."""
    return datetime.fromtimestamp(at / 1000, HANOI).isoformat(timespec="seconds")
