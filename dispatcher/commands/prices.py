"""``loa route price``: what a part costs, and since when."""

import click

from dispatcher.books.book import Column, Form
from dispatcher.books.forms import printed
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.domain import authority
from dispatcher.domain.errors import NotFound
from dispatcher.domain.period import local, of_days
from dispatcher.ledger import prices, registry, routes
from dispatcher.set_price import set_price

_PRICE = Column("price", "Đơn giá", "Price", Form.MONEY)


@click.command()
@click.argument("number", type=int)
@click.argument("price", type=float, required=False)
@click.option("--since", help="First day of this price, YYYY-MM-DD; today's moment if not given.")
@as_option
@json_option
def price(
    number: int, price: float | None, *, since: str | None, who: str | None, as_json: bool
) -> None:
    """Record a connection's price in VND a part, or list its prices."""
    with runtime() as rt:
        actor = acting(rt, who)
        if price is not None:
            begins = of_days(since, since).since if since else None
            set_price(rt.ledger, actor, number, price, begins)
        authority.require("audit", actor.roles)
        with rt.ledger.read() as conn:
            found = routes.load(conn, rt.ledger.vault, number)
            owner = registry.load_agency(conn, found.agency) if found else None
            if owner is None or not authority.below(actor.path, owner.path):
                raise NotFound("no_route", "Không có kết nối này.", "There is no such route.")
            steps = prices.history(conn, number)
    rows = [
        {"since": local(each.since).isoformat(), "price": each.price, "by": each.by}
        for each in steps
    ]
    if as_json:
        show(rows)
        return
    for row in rows:
        amount = printed(row["price"], _PRICE)
        click.echo(f"{row['since']}  {amount} đồng/phần  {row['by'] or ''}")
