"""``loa key``: API keys of accounts."""

import secrets

import click

from dispatcher.commands.session import acting, as_option, colleague, runtime
from dispatcher.domain import authority
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.domain.model import Mode
from dispatcher.ledger import desk, pages, registry
from dispatcher.ledger.handles import Connection


@click.group()
def key() -> None:
    """Give out and revoke API keys."""


@key.command()
@click.argument("account")
@click.option("--mode", type=click.Choice(["live", "test"]), default="test", show_default=True)
@as_option
def add(account: str, *, mode: str, who: str | None) -> None:
    """Give ACCOUNT a new key. It is shown once; only its hash is kept."""
    with runtime() as rt:
        actor = acting(rt, who)
        authority.require("configure", actor.roles)
        owner = colleague(rt, actor, account)
        if not authority.below(actor.path, owner.path):
            raise NotFound("no_account", f"Không có tài khoản '{account}'.", f"No {account!r}.")
        made = f"loa_{mode}_{secrets.token_urlsafe(32)}"
        with rt.ledger.begin() as conn:
            _check_mode(conn, mode)
            now = desk.now(conn)
            registry.add_key(conn, owner.account, made, mode, now)
            facts = {"account": owner.account, "mode": mode}
            subject = f"key:{made[: registry.KEY_PREFIX]}"
            pages.record(conn, "add_key", subject, actor=actor.account, at=now, facts=facts)
        click.echo(made)


def _check_mode(conn: Connection, mode: str) -> None:
    """A live key opens nothing on a database that nothing live may leave."""
    mark = desk.get_mark(conn, "kind")
    if mode == Mode.LIVE.value and mark != "production":
        raise Conflict(
            "demo_database",
            f"Cơ sở dữ liệu này được đánh dấu '{mark}', chỉ cấp khóa --mode test.",
            f"This database is marked '{mark}': it gives out keys of --mode test only.",
            field="--mode",
        )


@key.command()
@click.argument("prefix")
@as_option
def revoke(prefix: str, *, who: str | None) -> None:
    """Make the key that begins with PREFIX (sixteen characters) open nothing any more."""
    with runtime() as rt:
        actor = acting(rt, who)
        authority.require("configure", actor.roles)
        with rt.ledger.begin() as conn:
            now = desk.now(conn)
            if not registry.revoke_key(conn, prefix, actor.path, now):
                raise NotFound("no_key", "Không có khóa này.", "There is no such key.")
            pages.record(conn, "revoke_key", f"key:{prefix}", actor=actor.account, at=now, facts={})
        click.echo("Đã thu hồi.")
