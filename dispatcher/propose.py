"""The verb that asks: a version and the terms under which it should go out, for approval."""

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.domain import authority
from dispatcher.domain.audience import Audience
from dispatcher.domain.errors import BadInput, Conflict, Forbidden, NotFound
from dispatcher.domain.model import Mode
from dispatcher.domain.plan import Plan
from dispatcher.ledger import areas, audiences, bulletins, desk, dispatches, pages, registry
from dispatcher.ledger.bulletins import Saved
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger

#: The audience may grow by this share between approval and dispatch before it asks again.
GROWTH = 1.10


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asks for. ``start_at`` 0: as soon as it is started."""

    audience: Audience
    channels: Sequence[str]
    mode: Mode
    start_at: int = 0


def propose(ledger: Ledger, actor: Actor, version: int, wish: Wish) -> int:
    """Submit a version for approval; return the approval's id.

    The audience is counted here and the count is part of what is approved. A bulletin that
    corrects, withdraws or ends another also goes to everyone whom that one reached.
    """
    authority.require("submit", actor.roles)
    with ledger.begin() as conn:
        now = desk.now(conn)
        row = bulletins.load_version(conn, version)
        if row is None or row.agency_id != actor.agency:
            raise NotFound("no_version", "Không có bản tin này.", "There is no such version.")
        written = bulletins.content_of(conn, version)
        _check_channels(conn, version, wish.channels)
        audience = _with_reached(conn, wish.audience, row.relates_to)
        _check_scope(conn, actor, wish.audience)
        counted = audiences.count_contacts(conn, audience)
        speakers = audiences.count_speakers(conn, audience)
        if counted + speakers == 0:
            raise BadInput(
                "nobody",
                "Không có ai trong đối tượng đã chọn. Kiểm tra địa bàn hoặc nhập danh bạ.",
                "Nobody is in this audience. Check the areas, or import contacts.",
                field="audience",
            )
        plan = Plan(
            audience=audience,
            channels=tuple(wish.channels),
            start_at=wish.start_at,
            valid_until=written.valid_until,
            counted=counted,
            ceiling=round(counted * GROWTH) + 1,
            mode=wish.mode,
            drill=written.drill,
        )
        saved = Saved(row.bulletin_id, version, bytes(row.digest))
        approval = bulletins.submit_for_approval(conn, saved, plan.to_json(), actor.account, now)
        pages.record(
            conn,
            "propose",
            f"approval:{approval}",
            actor=actor.account,
            at=now,
            facts={"version": version, "digest": saved.digest.hex(), "plan": plan.to_json()},
        )
    return approval


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


def _with_reached(conn: Connection, audience: Audience, relates_to: int | None) -> Audience:
    if relates_to is None:
        return audience
    earlier = tuple(row.id for row in dispatches.of_bulletin(conn, relates_to))
    return Audience(audience.areas, audience.localities, audience.lists, earlier)


def _check_scope(conn: Connection, actor: Actor, audience: Audience) -> None:
    """An agency speaks to its own area and below, nowhere else (docs/design.md §7)."""
    unknown = [code for code in audience.areas if areas.get(conn, code) is None]
    if unknown:
        raise BadInput(
            "unknown_area",
            f"Không có địa bàn mã {', '.join(unknown)}. Tra mã bằng 'loa area TÊN'.",
            f"No area with code {', '.join(unknown)}. Look codes up with 'loa area NAME'.",
            field="audience.areas",
        )
    outside = areas.within(conn, audience.areas, actor.area)
    outside += registry.foreign_localities(conn, audience.localities, actor.area)
    outside += registry.foreign_lists(conn, audience.lists, actor.path)
    if outside:
        raise Forbidden(
            "outside_area",
            f"Ngoài địa bàn của cơ quan bạn: {', '.join(outside)}.",
            f"Outside your agency's area: {', '.join(outside)}.",
            field="audience",
        )
