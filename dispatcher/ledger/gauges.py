"""How the installation is doing, in numbers for dashboards."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from dispatcher.ledger import anchors, desk, sealer
from dispatcher.ledger.tables import (
    alarm,
    batch,
    dispatch,
    leaf,
    receipt,
    route,
    route_health,
    tally,
)


@dataclass(frozen=True, slots=True)
class Gauges:
    """``deliveries``: by (channel, status), as of the last roll-up; ``oldest_due_s`` by channel;
    ``routes``: name → 1 usable, 0 not; ``singles``: (metric, words, value)."""

    deliveries: dict[tuple[str, int], int]
    oldest_due_s: dict[str, float]
    routes: dict[str, int]
    singles: list[tuple[str, str, float]]


def read(conn: Connection) -> Gauges:
    """Some cheap queries: none of them touches a delivery."""
    now = desk.now(conn)
    totals = conn.execute(
        select(tally.c.channel, tally.c.status, func.sum(tally.c.count)).group_by(
            tally.c.channel, tally.c.status
        )
    )
    due = conn.execute(
        select(batch.c.channel, func.min(batch.c.due_at))
        .join(dispatch, dispatch.c.id == batch.c.dispatch_id)
        .where(batch.c.state == 0, batch.c.due_at <= now, dispatch.c.state == "running")
        .group_by(batch.c.channel)
    )
    health = conn.execute(
        select(route.c.name, route.c.stopped_at, route_health.c.open_until).join(
            route_health, route_health.c.route_id == route.c.id
        )
    )
    return Gauges(
        deliveries={(row[0], row[1]): int(row[2]) for row in totals},
        oldest_due_s={row[0]: (now - row[1]) / 1000 for row in due},
        routes={row[0]: int(row[1] is None and row[2] <= now) for row in health},
        singles=_singles(conn, now),
    )


def _singles(conn: Connection, now: int) -> list[tuple[str, str, float]]:
    waiting = select(func.count()).select_from(receipt).where(receipt.c.state == 0)
    raised = select(func.count()).select_from(alarm).where(alarm.c.cleared_at.is_(None))
    newest = sealer.latest(conn)
    anchored = max((at for kind, at in anchors.last(conn).items() if kind != "paper"), default=now)
    return [
        ("loa_receipts_waiting", "Words in the inbox", float(conn.scalar(waiting) or 0)),
        ("loa_alarms", "Alarms nobody has cleared", float(conn.scalar(raised) or 0)),
        (
            "loa_log_unsealed_seconds",
            "Age of the oldest page that no checkpoint covers",
            sealer.oldest_age_s(conn),
        ),
        (
            "loa_log_checkpoint_age_seconds",
            "Age of the newest checkpoint",
            (now - newest.created_at) / 1000 if newest else 0.0,
        ),
        (
            "loa_log_anchor_age_seconds",
            "Age of the newest checkpoint in a mailbox or folder outside; 0: there is none",
            (now - anchored) / 1000,
        ),
        (
            "loa_log_size",
            "Pages in the log",
            float(conn.scalar(select(func.count()).select_from(leaf)) or 0),
        ),
    ]
