"""What a dispatch costs: the parts of each try that a provider named, at the price of its day."""

from typing import Any

from sqlalchemy import Connection, Row, func, select, union_all

from dispatcher.domain.period import ALWAYS
from dispatcher.domain.status import Status
from dispatcher.ledger import charges, leaves
from dispatcher.ledger.prices import Prices
from dispatcher.ledger.transition import Place


def of_dispatch(conn: Connection, spot: Place, prices: Prices, since: int, until: int) -> float:
    """VND. ``since``, ``until``: between which moments (epoch ms) the dispatch was sent."""
    groups = _parts_by_route(conn, spot)
    if prices.changed([each.route_id for each in groups], since, until):
        return _by_moment(conn, spot, prices)
    return float(sum(each.parts * prices.at(each.route_id, since) for each in groups))


def _parts_by_route(conn: Connection, spot: Place) -> list[Row[Any]]:
    """A name that stands on two tries of a delivery is one bill."""
    now, former = leaves.delivery_leaf(conn, spot.part), leaves.attempt_leaf(conn, spot.part)
    current = select(
        now.c.id.label("delivery"), now.c.provider_ref, now.c.route_id, now.c.parts
    ).where(
        now.c.part == spot.part,
        now.c.dispatch_id == spot.dispatch,
        now.c.provider_ref.is_not(None),
        now.c.status != int(Status.PENDING),
    )
    earlier = select(
        former.c.delivery_id, former.c.provider_ref, former.c.route_id, former.c.parts
    ).where(
        former.c.part == spot.part,
        former.c.dispatch_id == spot.dispatch,
        former.c.provider_ref.is_not(None),
    )
    tries = union_all(current, earlier).subquery()
    named = (
        select(tries.c.route_id, func.max(tries.c.parts).label("parts"))
        .where(tries.c.route_id.is_not(None))
        .group_by(tries.c.delivery, tries.c.provider_ref, tries.c.route_id)
        .subquery()
    )
    query = select(named.c.route_id, func.sum(named.c.parts).label("parts")).group_by(
        named.c.route_id
    )
    return list(conn.execute(query))


def _by_moment(conn: Connection, spot: Place, prices: Prices) -> float:
    """The price changed while it was being sent: the log knows which try came when."""
    billed: dict[bytes, float] = {}
    for each in charges.of_dispatch(conn, spot.dispatch, ALWAYS):
        billed.setdefault(each.named, each.parts * prices.at(each.route, each.at))
    return sum(billed.values())
