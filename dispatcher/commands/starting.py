"""What starting would refuse, asked before anybody approves: no approval is left lying about."""

import json
from collections.abc import Sequence

from dispatcher.bootstrap import Runtime
from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict
from dispatcher.domain.plan import Plan
from dispatcher.ledger import approvals, routes
from dispatcher.ledger.registry import Actor


def check_ready(rt: Runtime, actor: Actor, channels: Sequence[str]) -> None:
    """Raises Forbidden when the actor may not start, Conflict when a channel has no way out."""
    authority.require("start", actor.roles)
    with rt.ledger.read() as conn:
        usable = routes.usable(conn, rt.ledger.vault, actor.path, actor.mode)
    working = {route.channel for route in usable if not route.stopped}
    missing = ", ".join(channel for channel in channels if channel not in working)
    if missing:
        raise Conflict(
            "no_route",
            f"Chưa có kết nối nhà cung cấp dùng được cho: {missing}. Thêm bằng loa route add, hoặc "
            "bỏ kênh này bằng --channels. Chưa có gì được duyệt hay phát.",
            f"No usable route for: {missing}. Add one with loa route add, or leave the channel out "
            "with --channels. Nothing has been approved or sent.",
            field="channels",
        )


def check_submitted(rt: Runtime, actor: Actor, approval: int) -> None:
    """The same for what waits under this number; an unknown one is for approving to refuse."""
    with rt.ledger.read() as conn:
        found = approvals.load(conn, approval)
    if found:
        check_ready(rt, actor, Plan.from_json(json.loads(found.terms)).channels)
