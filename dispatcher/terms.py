"""The terms under which a version goes out: drawn up for approval, held against it at the start."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dispatcher.domain.audience import Audience
from dispatcher.domain.errors import BadInput, Conflict, Forbidden
from dispatcher.domain.model import Mode, TargetKind, Traits
from dispatcher.domain.plan import Charge, Plan, cost, grown
from dispatcher.domain.rendition import Rendition
from dispatcher.ledger import areas, audiences, bulletins, dispatches, registry, routes
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.routes import Route
from dispatcher.ledger.vault import Vault


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asks for. ``start_at`` 0: as soon as it is started. ``budget``: who pays."""

    audience: Audience
    channels: Sequence[str]
    mode: Mode
    start_at: int = 0
    budget: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """What a dispatch would be now: people, clusters, and VND."""

    people: int
    clusters: int
    cost: int


def draw_up(
    conn: Connection, vault: Vault, traits: Mapping[str, Traits], version: Row[Any], wish: Wish
) -> Plan:
    """The terms of a version (``bulletins.load_version``) as its agency wishes them.

    The audience is counted here, and its cost computed from the parts of the longest rendition
    and the dearest route: both become ceilings. A bulletin that corrects, withdraws or ends
    another also goes to everyone whom that one reached.
    """
    written = bulletins.content_of(conn, version.id)
    owner = registry.load_agency(conn, version.agency_id)
    assert owner is not None  # noqa: S101 - a foreign key says so
    _check_channels(conn, version.id, wish.channels)
    _check_scope(conn, owner, wish.audience)
    _check_reaches(conn, version, wish, drill=written.drill)
    audience = _with_reached(conn, wish.audience, version.relates_to)
    usable = routes.usable(conn, vault, owner.path, wish.mode.value)
    found = bill(conn, traits, version.id, audience, wish.channels, usable)
    if found.people + found.clusters == 0:
        raise BadInput(
            "nobody",
            "Không có ai trong đối tượng đã chọn. Kiểm tra địa bàn hoặc nhập danh bạ.",
            "Nobody is in this audience. Check the areas, or import contacts.",
            field="audience",
        )
    return Plan(
        audience=audience,
        channels=tuple(wish.channels),
        start_at=wish.start_at,
        valid_until=written.valid_until,
        counted=found.people,
        ceiling=grown(found.people),
        mode=wish.mode,
        drill=written.drill,
        budget=wish.budget,
        cost_ceiling=grown(found.cost) if found.cost else 0,
    )


def bill(
    conn: Connection,
    traits: Mapping[str, Traits],
    version: int,
    audience: Audience,
    channels: Sequence[str],
    usable: Sequence[Route],
) -> Bill:
    """Count an audience and what reaching it costs on these routes."""
    people = audiences.count_contacts(conn, audience)
    clusters = audiences.count_speakers(conn, audience)
    renditions = bulletins.renditions_of(conn, version)
    charges = []
    for channel in channels:
        own = [route for route in usable if route.channel == channel]
        targets = {
            TargetKind.ADDRESS: people,
            TargetKind.SPEAKER: clusters,
            TargetKind.ORDER: len(own),
        }[traits[channel].target]
        price = max((route.price for route in own), default=0.0)
        charges.append(Charge(targets, _parts(renditions, channel), price))
    return Bill(people, clusters, cost(charges))


def _parts(renditions: Sequence[Rendition], channel: str) -> int:
    """Billable parts of the longest language."""
    counts = [int(each.facts.get("parts", 1)) for each in renditions if each.channel == channel]
    return max(counts, default=1)


def _check_channels(conn: Connection, version: int, channels: Sequence[str]) -> None:
    worded = {each.channel for each in bulletins.renditions_of(conn, version)}
    missing = [channel for channel in channels if channel not in worded]
    if missing:
        raise Conflict(
            "not_rendered",
            f"Bản tin chưa có nội dung cho kênh: {', '.join(missing)}.",
            f"The version has no rendition for: {', '.join(missing)}.",
            field="channels",
        )


def _check_reaches(conn: Connection, version: Row[Any], wish: Wish, *, drill: bool) -> None:
    """What corrects, withdraws or ends goes out on every channel that the first one took."""
    if version.relates_to is None:
        return
    taken = {
        channel
        for row in dispatches.of_bulletin(conn, version.relates_to)
        if (row.mode, row.drill) == (wish.mode.value, drill)
        for channel in row.plan["channels"]
    }
    missing = sorted(taken - set(wish.channels))
    if missing:
        raise Conflict(
            "misses_channels",
            f"Tin trước đã phát trên cả: {', '.join(missing)}. Tin cải chính, thu hồi hoặc kết "
            "thúc phải phát trên mọi kênh đó.",
            f"The earlier bulletin also went out on: {', '.join(missing)}. What corrects, "
            "withdraws or ends it must go out on all of them.",
            field="channels",
        )


def _with_reached(conn: Connection, audience: Audience, relates_to: int | None) -> Audience:
    if relates_to is None:
        return audience
    earlier = tuple(row.id for row in dispatches.of_bulletin(conn, relates_to))
    return Audience(audience.areas, audience.localities, audience.lists, earlier)


def _check_scope(conn: Connection, owner: Row[Any], audience: Audience) -> None:
    """An agency speaks to its own area and below, nowhere else (docs/design.md §7)."""
    unknown = [code for code in audience.areas if areas.get(conn, code) is None]
    if unknown:
        raise BadInput(
            "unknown_area",
            f"Không có địa bàn mã {', '.join(unknown)}. Tra mã bằng 'loa area TÊN'.",
            f"No area with code {', '.join(unknown)}. Look codes up with 'loa area NAME'.",
            field="audience.areas",
        )
    outside = areas.within(conn, audience.areas, owner.area_code)
    outside += registry.foreign_localities(conn, audience.localities, owner.area_code)
    outside += registry.foreign_lists(conn, audience.lists, owner.path)
    if outside:
        raise Forbidden(
            "outside_area",
            f"Ngoài địa bàn của cơ quan bạn: {', '.join(outside)}.",
            f"Outside your agency's area: {', '.join(outside)}.",
            field="audience",
        )
