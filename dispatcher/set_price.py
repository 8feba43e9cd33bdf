"""The verb that records what a part costs on a route from a moment on."""

import math

from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.ledger import desk, pages, prices, registry, routes
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def set_price(ledger: Ledger, actor: Actor, route: int, price: float, since: int | None) -> int:
    """Record a price in VND from ``since`` (epoch ms; None: now); return that moment.

    Raises Forbidden without the role, NotFound for another agency's route, BadInput for what is
    no price, Conflict where a price is recorded already.
    """
    authority.require("configure", actor.roles)
    if not (math.isfinite(price) and 0 <= price < 1e9):
        raise BadInput(
            "bad_price",
            "Đơn giá phải là số đồng từ 0 trở lên.",
            "A price is a number of VND from 0 on.",
            field="price",
        )
    with ledger.begin() as conn:
        found = routes.load(conn, ledger.vault, route)
        owner = registry.load_agency(conn, found.agency) if found else None
        if owner is None or not authority.below(actor.path, owner.path):
            raise NotFound("no_route", "Không có kết nối này.", "There is no such route.")
        now = desk.now(conn)
        begins = now if since is None else since
        prices.add(conn, route, price, since=begins, by=actor.account, now=now)
        pages.record(
            conn,
            "set_price",
            f"route:{route}",
            actor=actor.account,
            at=now,
            facts={"price": str(price), "since": begins},
        )
    return begins
