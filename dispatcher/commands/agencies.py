"""``loa agency``: the tree of public bodies."""

import click

from dispatcher.add_agency import NewAgency, add_agency
from dispatcher.commands.naming import agency_named
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.ledger import agencies


@click.group()
def agency() -> None:
    """Agencies: your own and those below it."""


@agency.command()
@click.argument("name")
@click.option("--short", required=True, help="Short name, e.g. 'UBND xã Đức Quang'.")
@click.option("--area", required=True, help="Code of its area; see 'loa area'.")
@click.option("--hotline", default="", help="Number that citizens may call.")
@click.option("--below", help="Full name of the agency above it; default: your own.")
@as_option
def add(
    name: str, *, short: str, area: str, hotline: str, below: str | None, who: str | None
) -> None:
    """Add the agency NAME below your own, or below one that is."""
    with runtime() as rt:
        actor = acting(rt, who)
        parent = agency_named(rt, actor, below) if below else actor.agency
        number = add_agency(rt.ledger, actor, NewAgency(parent, name, short, area, hotline))
        click.echo(f"{number:>5}  {name}")


@agency.command("list")
@as_option
@json_option
def list_(*, who: str | None, as_json: bool) -> None:
    """List your agency and those below it."""
    with runtime() as rt:
        actor = acting(rt, who)
        with rt.ledger.read() as conn:
            rows = agencies.page_of(conn, actor.path, after=0, limit=100_000)
    if as_json:
        names = ("id", "path", "name", "short_name", "area_code", "hotline")
        show([{name: getattr(row, name) for name in names} for row in rows])
        return
    for row in sorted(rows, key=lambda row: row.path):
        depth = row.path.count("/") - actor.path.count("/")
        click.echo(f"{row.id:>5}  {'  ' * depth}{row.name}")
