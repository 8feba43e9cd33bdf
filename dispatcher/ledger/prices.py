"""What a part costs on a route, and since when: rows are added, never changed."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from dispatcher.domain.errors import Conflict
from dispatcher.ledger.tables import account, route, route_price


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices of routes by time: VND a part."""

    steps: dict[int, list[tuple[int, float]]]

    def at(self, route_id: int, moment: int) -> float:
        """The price that was valid then (epoch ms); 0 on a route without one."""
        steps = self.steps.get(route_id, [])
        place = bisect_right(steps, moment, key=lambda step: step[0])
        return steps[place - 1][1] if place else 0.0

    def changed(self, routes: Iterable[int], since: int, until: int) -> bool:
        """Whether one of these routes got another price after ``since`` and before ``until``."""
        return any(
            since < begins < until for each in routes for begins, _ in self.steps.get(each, [])
        )


def read(conn: Connection) -> Prices:
    """All prices there are: a few rows for each route."""
    steps: dict[int, list[tuple[int, float]]] = {}
    query = select(route_price).order_by(route_price.c.route_id, route_price.c.since)
    for row in conn.execute(query):
        steps.setdefault(row.route_id, []).append((row.since, row.price))
    return Prices(steps)


def history(conn: Connection, route_id: int) -> list[Row[Any]]:
    """A route's prices, oldest first, with the name of who recorded each."""
    query = (
        select(route_price.c.since, route_price.c.price, account.c.name.label("by"))
        .outerjoin(account, account.c.id == route_price.c.recorded_by)
        .where(route_price.c.route_id == route_id)
        .order_by(route_price.c.since)
    )
    return list(conn.execute(query))


def add(conn: Connection, route_id: int, price: float, *, since: int, by: int, now: int) -> None:
    """Record a price from a moment on (epoch ms). Raises Conflict for a moment that has one."""
    same = select(route_price.c.price).where(
        route_price.c.route_id == route_id, route_price.c.since == since
    )
    if conn.execute(same).first() is not None:
        raise Conflict(
            "price_recorded",
            "Kết nối này đã có đơn giá từ thời điểm đó; đơn giá đã ghi không sửa được.",
            "This route has a price from that moment already; a recorded price cannot be changed.",
            field="--since",
        )
    values = {"route_id": route_id, "since": since, "price": price, "recorded_by": by}
    conn.execute(insert(route_price).values(**values))
    current = read(conn).at(route_id, now)
    conn.execute(update(route).where(route.c.id == route_id).values(price=current))
