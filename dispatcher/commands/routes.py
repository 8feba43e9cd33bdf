"""``loa route``: provider accounts."""

import json
import sys
from typing import Any

import click

from channels import PROVIDERS
from dispatcher.commands.prices import price
from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.domain import authority
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.ledger import desk, pages, routes
from dispatcher.ledger.routes import NewRoute
from dispatcher.switchboard import checked_settings

#: The loudspeakers' provider is this installation itself.
_OWN = ("loa1", "loudspeaker")


@click.group()
def route() -> None:
    """Configure connections to providers."""


@route.command()
def providers() -> None:
    """List the providers and their settings (* must be given)."""
    for name, provider in PROVIDERS.items():
        click.secho(f"{name}: {provider.summary_vi}", bold=True)
        for field, info in provider.settings.model_fields.items():
            click.echo(f"   {field}{'*' if info.is_required() else ''}")
    click.secho("loa1: Cụm loa truyền thanh (không cần thiết lập)", bold=True)


@route.command()
@click.argument("name")
@click.option("--provider", type=click.Choice([*PROVIDERS, _OWN[0]]), required=True)
@click.option("--rate", type=float, required=True, help="Parts a second the contract allows.")
@click.option("--price", type=float, default=0.0, help="VND a part.")
@click.option("--weight", type=int, default=1, help="Higher is tried first.")
@click.option("--mode", type=click.Choice(["live", "test"]), default="live", show_default=True)
@click.option("--unaccent", is_flag=True, help="Send without diacritics.")
@click.option(
    "--settings", type=click.File("r"), default="-",
    help="JSON of the provider's settings (default: standard input). '{route}' is this number.",
)  # fmt: skip
@as_option
def add(
    name: str,
    *,
    provider: str,
    rate: float,
    price: float,
    weight: int,
    mode: str,
    unaccent: bool,
    settings: Any,
    who: str | None,
) -> None:
    """Add a connection. Its settings are sealed: they are never shown again."""
    given = {} if provider == _OWN[0] else _settings(provider, settings.read())
    channel = _OWN[1] if provider == _OWN[0] else PROVIDERS[provider].traits.channel
    with runtime() as rt:
        actor = acting(rt, who)
        authority.require("configure", actor.roles)
        new = NewRoute(
            agency=actor.agency, channel=channel, provider=provider, name=name, mode=mode,
            settings=given, rate=rate, price=price, weight=weight, unaccent=unaccent,
        )  # fmt: skip
        with rt.ledger.begin() as conn:
            number = routes.add(conn, rt.ledger.vault, new)
            pages.record(
                conn, "add_route", f"route:{number}", actor=actor.account, at=desk.now(conn),
                facts={"channel": channel, "provider": provider, "mode": mode, "rate": rate},
            )  # fmt: skip
        click.echo(f"{number}: {rt.settings.public_url}/callbacks/{number}")


def _settings(provider: str, text: str) -> dict[str, Any]:
    try:
        given = json.loads(text)
    except ValueError as error:
        raise BadInput(
            "bad_json",
            f"Thiết lập phải là JSON: {error}",
            f"Settings must be JSON: {error}",
            field="--settings",
        ) from None
    if not isinstance(given, dict):
        raise BadInput("bad_json", "Thiết lập phải là một bảng JSON.", "Settings: a JSON object.")
    checked_settings(provider, given)
    return given


@route.command("list")
@json_option
def list_(*, as_json: bool) -> None:
    """List connections and whether they are in use."""
    with runtime() as rt, rt.ledger.read() as conn:
        known = routes.all_routes(conn, rt.ledger.vault)
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "channel": each.channel,
            "provider": each.provider,
            "mode": each.mode,
            "rate": each.rate,
            "price": each.price,
            "stopped": each.stopped,
        }
        for each in known
    ]
    if as_json:
        show(rows)
        return
    for row in rows:
        state = "đã dừng" if row["stopped"] else "đang dùng"
        click.echo(
            f"{row['id']:>3}  {row['channel']:<12} {row['provider']:<8} {row['mode']:<5} "
            f"{row['rate']:g}/s  {state}  {row['name']}"
        )


@route.command()
@click.argument("number", type=int)
@as_option
def start(number: int, *, who: str | None) -> None:
    """Put a stopped connection back into use."""
    with runtime() as rt:
        actor = acting(rt, who)
        authority.require("configure", actor.roles)
        with rt.ledger.begin() as conn:
            if not routes.start(conn, number):
                raise NotFound("no_route", "Không có kết nối này.", "No such route.")
            pages.record(
                conn, "start_route", f"route:{number}", actor=actor.account,
                at=desk.now(conn), facts={},
            )  # fmt: skip
    sys.stdout.write("Đang dùng.\n")


@route.command()
@click.argument("number", type=int)
@click.option("--app-secret", prompt=True, hide_input=True, help="Secret of the application.")
@click.option("--access-token", prompt=True, hide_input=True)
@click.option("--refresh-token", prompt=True, hide_input=True)
@as_option
def tokens(
    number: int, *, app_secret: str, access_token: str, refresh_token: str, who: str | None
) -> None:
    """Store the first pair of tokens of a Zalo connection; it renews them by itself."""
    with runtime() as rt:
        actor = acting(rt, who)
        authority.require("configure", actor.roles)
        pair = {"access": access_token, "refresh": refresh_token, "renew_at": 0.0}
        with rt.ledger.begin() as conn:
            if routes.load(conn, rt.ledger.vault, number) is None:
                raise NotFound("no_route", "Không có kết nối này.", "No such route.")
            kept = {"app_secret": app_secret, **pair}
            routes.put_tokens(conn, rt.ledger.vault, number, kept)
            pages.record(
                conn, "set_tokens", f"route:{number}", actor=actor.account,
                at=desk.now(conn), facts={},
            )  # fmt: skip
    click.echo("Đã lưu.")


route.add_command(price)
