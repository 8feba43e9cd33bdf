"""What every way of starting shares: an approved version becomes a dispatch."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dispatcher.domain import authority
from dispatcher.domain.alarms import Alarm
from dispatcher.domain.approvals import STARTABLE, State, unproven
from dispatcher.domain.content import Content
from dispatcher.domain.errors import Conflict
from dispatcher.domain.model import DispatchState, Level, TargetKind, Traits
from dispatcher.domain.plan import Plan
from dispatcher.domain.playlist import HANOI
from dispatcher.ledger import approvals, bulletins, desk, dispatches, pages, people, routes
from dispatcher.ledger.dispatches import NewDispatch
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.transition import Place
from dispatcher.ledger.vault import Vault
from dispatcher.replace import replace_earlier
from dispatcher.request import Request
from dispatcher.terms import Bill, bill

#: Digits of a commune's code; a province has two, the centre none.
_COMMUNE_CODE = 5


def launch(
    conn: Connection, vault: Vault, traits: Mapping[str, Traits], actor: Actor, what: Request
) -> Place:
    """Start what was approved, in the caller's transaction, and enter it.

    Proves once more that content, renditions and terms are what was approved (Unproven).
    Raises Conflict when nothing was approved, its time has passed, it outgrew its ceilings, or a
    channel has no usable route. An emergency that outgrew them goes on, with an alarm.
    """
    now = desk.now(conn)
    written = bulletins.content_of(conn, what.version.id)
    plan = _proved_plan(conn, what, now)
    authority.require_mode(actor.mode, plan.mode)
    _refuse_live_on_demo(conn, plan)
    usable = routes.usable(conn, vault, what.owner.path, plan.mode.value)
    found = bill(conn, traits, what.version.id, plan.audience, plan.channels, usable)
    alarms = dict(_outgrown(plan, found, written.level))
    urgent = written.level is Level.EMERGENCY or what.version.relates_to is not None
    if shut := _shut(plan, usable, urgent=urgent):
        names = ", ".join(shut)
        alarms[Alarm.ROUTE_STOPPED] = f"Chưa có kết nối dùng được: {names}. Kênh khác vẫn phát."
    place = dispatches.add(conn, _new(conn, actor, plan, what, now, written.level), now)
    for route in usable:
        if route.channel in plan.channels and traits[route.channel].target is TargetKind.ORDER:
            _order(conn, place, plan, route, _issuer(what.owner, written, max(now, plan.start_at)))
    if plan.start_at <= now:
        replace_earlier(conn, place.dispatch)
    for code, words in alarms.items():
        desk.raise_alarm(conn, place.dispatch, code, f"approval:{what.approval.id}", words, now)
    facts = _facts(what, plan, written.level, now)
    subject, number = f"dispatch:{place.dispatch}", place.dispatch
    pages.record(conn, "start", subject, actor=actor.account, at=now, facts=facts, dispatch=number)
    return place


def _facts(what: Request, plan: Plan, level: Level, now: int) -> dict[str, Any]:
    """What the verifier holds the dispatch's row against."""
    return {
        "approval": what.approval.id,
        "digest": bytes(what.version.digest).hex(),
        "version": what.version.id,
        "agency": what.owner.id,
        "plan": plan.to_json(),
        "level": level.value,
        "mode": plan.mode.value,
        "drill": plan.drill,
        "start_at": plan.start_at or now,
        "valid_until": plan.valid_until,
    }


def _proved_plan(conn: Connection, what: Request, now: int) -> Plan:
    """The terms, after proving that what is stored is still what was approved."""
    row, version = what.approval, what.version
    if State(row.state) not in STARTABLE:
        raise Conflict(
            "not_approved",
            "Bản tin chưa được duyệt đúng nội dung này. Trình duyệt rồi phát.",
            "This exact text has not been approved. Have it approved first.",
            field="approval",
        )
    digest = bulletins.version_digest(
        bulletins.content_of(conn, version.id), bulletins.renditions_of(conn, version.id)
    )
    if bytes(row.digest) != digest:
        raise unproven("digest")
    approvals.prove(conn, row)
    plan = Plan.from_json(json.loads(row.terms))
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


def _outgrown(plan: Plan, found: Bill, level: Level) -> Iterator[tuple[Alarm, str]]:
    """What to tell people of an emergency that outgrew its approval.

    Anything else that did asks again: raises Conflict.
    """
    people, cost = plan.ceiling, plan.cost_ceiling
    if found.people > people:
        words = f"Số người nhận nay là {found.people}, duyệt cho tối đa {people}."
        english = f"The audience is now {found.people}, approved for at most {people}."
        yield _excess(Alarm.AUDIENCE_GREW, level, "audience", words, english)
    if cost is not None and found.cost > cost:
        words = f"Chi phí dự tính nay là {found.cost} đồng, duyệt cho tối đa {cost} đồng."
        english = f"The cost is now {found.cost} VND, approved for at most {cost} VND."
        yield _excess(Alarm.COST_GREW, level, "cost", words, english)


def _excess(code: Alarm, level: Level, field: str, vi: str, en: str) -> tuple[Alarm, str]:
    if level is Level.EMERGENCY:
        return code, vi
    raise Conflict(code.value, f"{vi} Trình duyệt lại.", f"{en} Ask again.", field=field)


def _shut(plan: Plan, usable: list[routes.Route], *, urgent: bool) -> list[str]:
    """Channels without a way out. Said before anything is sent, and asks for another plan.

    What is ``urgent`` (an emergency, or what corrects, withdraws or ends another) goes out by the
    others: a dead channel holds at most itself (docs/design.md §7).
    """
    open_channels = {route.channel for route in usable if not route.stopped}
    missing = [channel for channel in plan.channels if channel not in open_channels]
    if missing and not (urgent and open_channels.intersection(plan.channels)):
        raise Conflict(
            "no_route",
            f"Chưa có kết nối nhà cung cấp dùng được cho: {', '.join(missing)}.",
            f"No usable route for: {', '.join(missing)}.",
            field="channels",
        )
    return missing


def _issuer(owner: Row[Any], written: Content, since: int) -> dict[str, Any]:
    name = written.agency.name.get("vi") or written.agency.short_name
    return {"area": owner.area_code, "agency": name, "symbol": written.symbol, "from": since}


def _new(
    conn: Connection, actor: Actor, plan: Plan, what: Request, now: int, level: Level
) -> NewDispatch:
    waits = plan.start_at > now
    return NewDispatch(
        agency=what.owner.id,
        version=what.version.id,
        approval=what.approval.id,
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
