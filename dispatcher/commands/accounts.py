"""``loa account``: who works with Loa."""

import click

from dispatcher.close_account import close_account
from dispatcher.commands.naming import ROLE, agency_named, at_option
from dispatcher.commands.session import acting, as_option, colleague, json_option, runtime, show
from dispatcher.ledger import accounts
from dispatcher.open_account import NewAccount, open_account


@click.group()
def account() -> None:
    """Open and close accounts of people."""


@account.command("open")
@click.argument("name")
@click.option("--office", required=True, help="What they are there, e.g. 'Phó Chủ tịch'.")
@click.option("--role", "roles", type=ROLE, multiple=True, help="May be given several times.")
@at_option
@as_option
def open_(
    name: str, *, office: str, roles: tuple[str, ...], place: str | None, who: str | None
) -> None:
    """Open an account for NAME at your agency or one below it."""
    with runtime() as rt:
        actor = acting(rt, who)
        agency = agency_named(rt, actor, place) if place else actor.agency
        number = open_account(rt.ledger, actor, NewAccount(agency, name, office, roles))
        click.echo(f"{number:>5}  {name}")


@account.command()
@click.argument("name")
@as_option
def close(name: str, *, who: str | None) -> None:
    """Close the account of NAME for good, with its keys, sessions, rights and shifts."""
    with runtime() as rt:
        actor = acting(rt, who)
        close_account(rt.ledger, actor, colleague(rt, actor, name).account)
        click.echo("Đã đóng.")


@account.command("list")
@as_option
@json_option
def list_(*, who: str | None, as_json: bool) -> None:
    """List the accounts of your agency and those below it."""
    with runtime() as rt:
        actor = acting(rt, who)
        with rt.ledger.read() as conn:
            rows = accounts.page_of(conn, actor.path, after=0, limit=100_000)
    if as_json:
        names = ("id", "name", "office", "agency_name", "created_at", "closed_at")
        show([{name: getattr(row, name) for name in names} for row in rows])
        return
    for row in rows:
        closed = " (đã đóng)" if row.closed_at else ""
        click.echo(f"{row.id:>5}  {row.name}, {row.office}, {row.agency_name}{closed}")
