"""``loa key``: API keys of accounts."""

import click

from dispatcher.add_key import add_key
from dispatcher.commands.naming import ROLE, agency_named, at_option, ends, hour
from dispatcher.commands.session import acting, as_option, colleague, json_option, runtime, show
from dispatcher.domain.errors import NotFound
from dispatcher.ledger import keys
from dispatcher.ledger.keys import NewKey
from dispatcher.revoke_key import revoke_key


@click.group()
def key() -> None:
    """Give out and revoke API keys."""


@key.command()
@click.argument("account")
@click.option("--mode", type=click.Choice(["live", "test"]), default="test", show_default=True)
@click.option("--role", "roles", type=ROLE, multiple=True, help="Only these; default: all it has.")
@click.option("--until", help="When it ends: +90d, 2026-12-31T17:00 (Vietnam's time).")
@at_option
@as_option
def add(
    account: str,
    *,
    mode: str,
    roles: tuple[str, ...],
    until: str | None,
    place: str | None,
    who: str | None,
) -> None:
    """Give ACCOUNT a new key. It is shown once; only its hash is kept."""
    with runtime() as rt:
        actor = acting(rt, who)
        new = NewKey(
            account=colleague(rt, actor, account).account,
            mode=mode,
            agency=agency_named(rt, actor, place) if place else None,
            roles=roles or None,
            until=ends(until, rt.now()),
        )
        _, made = add_key(rt.ledger, actor, new)
        click.echo(made)


@key.command()
@click.argument("prefix")
@as_option
def revoke(prefix: str, *, who: str | None) -> None:
    """Make the key that begins with PREFIX (sixteen characters) open nothing any more."""
    with runtime() as rt:
        actor = acting(rt, who)
        with rt.ledger.read() as conn:
            row = keys.by_prefix(conn, prefix, actor.path)
        if row is None:
            raise NotFound("no_key", "Không có khóa này.", "There is no such key.")
        revoke_key(rt.ledger, actor, row.id)
        click.echo("Đã thu hồi.")


@key.command("list")
@as_option
@json_option
def list_(*, who: str | None, as_json: bool) -> None:
    """List the keys of your agency and those below it, never the keys themselves."""
    with runtime() as rt:
        actor = acting(rt, who)
        with rt.ledger.read() as conn:
            rows = keys.page_of(conn, actor.path, after=0, limit=10_000)
    if as_json:
        show(
            [
                {
                    "id": row.id,
                    "prefix": row.prefix,
                    "account": row.account_name,
                    "agency": row.agency_name,
                    "mode": row.mode,
                    "roles": row.roles,
                    "until": row.until_at,
                    "revoked_at": row.revoked_at,
                }
                for row in rows
            ]
        )
        return
    for row in rows:
        state = "đã thu hồi" if row.revoked_at else ", ".join(row.roles or ["mọi vai trò"])
        until = f" · đến {hour(row.until_at)}" if row.until_at else ""
        click.echo(f"{row.prefix}  {row.account_name} · {row.agency_name} · {state}{until}")
