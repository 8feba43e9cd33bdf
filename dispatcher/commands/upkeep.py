"""``loa init``, ``loa migrate`` and ``loa check``."""

import secrets
import sys

import click
from redis import Redis
from redis.exceptions import RedisError

from dispatcher import bootstrap
from dispatcher.bootstrap import Runtime
from dispatcher.commands.session import json_option, runtime, show
from dispatcher.domain.errors import BadInput, LoaError
from dispatcher.ledger import areas, desk, registry, routes, sealer
from dispatcher.ledger import migrate as migrations
from dispatcher.ledger.handles import SQLAlchemyError
from dispatcher.switchboard import checked_settings


@click.command()
@click.option("--agency", required=True, help="Full name, e.g. 'Ủy ban nhân dân xã Đức Quang'.")
@click.option("--short", required=True, help="Short name, e.g. 'UBND xã Đức Quang'.")
@click.option("--area", required=True, help="Code of its area; see 'loa area'. 'all': the country.")
@click.option("--hotline", default="", help="Number that citizens may call.")
@click.option("--parent", help="Full name of the agency above it.")
@click.option(
    "--account", "accounts", multiple=True, metavar="NAME:OFFICE:ROLE,ROLE", required=True,
    help="Somebody of the agency. Roles: author approver operator auditor administrator.",
)  # fmt: skip
@click.option("--kind", type=click.Choice(["production", "demo", "test"]), default="production")
def init(
    *,
    agency: str,
    short: str,
    area: str,
    hotline: str,
    parent: str | None,
    accounts: tuple[str, ...],
    kind: str,
) -> None:
    """Create the database and an agency with its accounts; print an API key for each, once."""
    with runtime() as rt:
        bootstrap.prepare(rt, kind=kind)
        now = rt.now()
        with rt.ledger.begin() as conn:
            code = "" if area == "all" else area
            if code and areas.get(conn, code) is None:
                raise BadInput(
                    "unknown_area",
                    f"Không có địa bàn mã {code}. Tra mã bằng: loa area TÊN",
                    f"No area with code {code}. Look it up with: loa area NAME",
                    field="--area",
                )
            above = registry.agency_by_name(conn, parent) if parent else None
            new = registry.add_agency(
                conn, name=agency, short_name=short, area=code, hotline=hotline,
                parent=above.id if above else None, now=now,
            )  # fmt: skip
            mode = "live" if kind == "production" else "test"
            for written in accounts:
                name, office, roles = _account(written)
                account = registry.add_account(
                    conn, agency_id=new, name=name, office=office, roles=roles, now=now
                )
                key = f"loa_{mode}_{secrets.token_urlsafe(32)}"
                registry.add_key(conn, account, key, mode, now)
                click.echo(f"{name}: {key}")


def _account(written: str) -> tuple[str, str, list[str]]:
    parts = written.split(":")
    if len(parts) != 3:
        raise BadInput(
            "bad_account",
            f"Tài khoản '{written}' phải có dạng HỌ TÊN:CHỨC VỤ:VAI TRÒ,VAI TRÒ",
            f"Account '{written}' must be NAME:OFFICE:ROLE,ROLE",
            field="--account",
        )
    return parts[0], parts[1], parts[2].split(",")


@click.command()
def migrate() -> None:
    """Bring the database to the shape this version needs. Safe to repeat."""
    with runtime() as rt:
        bootstrap.prepare(rt)
        click.echo(f"{rt.ledger.dialect}: {migrations.head()}")


@click.command()
@json_option
def check(*, as_json: bool) -> None:
    """Say what can and cannot be reached, and what is misconfigured. Exit status 1 if anything."""
    with runtime() as rt:
        findings = [
            ("database", _database(rt)),
            ("shape", _shape(rt)),
            ("doorbell", _doorbell(rt)),
            ("public address", _address(rt)),
            ("log", _log(rt)),
            *_routes(rt),
        ]
    if as_json:
        show([{"what": what, "wrong": wrong} for what, wrong in findings])
    else:
        for what, wrong in findings:
            click.echo(f"{'✗' if wrong else '✓'} {what}{': ' + wrong if wrong else ''}")
    sys.exit(1 if any(wrong for _, wrong in findings) else 0)


def _database(rt: Runtime) -> str:
    try:
        rt.now()
    except SQLAlchemyError as error:
        return f"cannot be reached: {type(error.__cause__ or error).__name__}"
    return ""


def _shape(rt: Runtime) -> str:
    try:
        with rt.ledger.read() as conn:
            present = migrations.present(conn)
    except SQLAlchemyError:
        return "unknown"
    needed = migrations.head()
    return "" if present == needed else f"is {present}, needs {needed}: run 'loa migrate'"


def _doorbell(rt: Runtime) -> str:
    """A silent bell is no failure: the rows are the queue. It is said all the same."""
    if not rt.settings.redis_url:
        return ""
    try:
        Redis.from_url(rt.settings.redis_url, socket_connect_timeout=2).ping()
    except RedisError as error:
        return f"cannot be reached ({type(error).__name__}); work goes on without it"
    return ""


def _address(rt: Runtime) -> str:
    local = "127.0.0.1" in rt.settings.public_url or "localhost" in rt.settings.public_url
    with_servers = not rt.settings.database.startswith("sqlite")
    return "LOA_PUBLIC_URL names this machine only" if local and with_servers else ""


def _log(rt: Runtime) -> str:
    try:
        with rt.ledger.read() as conn:
            oldest = sealer.oldest_open(conn)
            now = desk.now(conn)
    except SQLAlchemyError:
        return "unknown"
    late = oldest is not None and now - oldest > 60_000
    return "pages wait longer than a minute to be sealed: is 'loa work' running?" if late else ""


def _routes(rt: Runtime) -> list[tuple[str, str]]:
    try:
        with rt.ledger.read() as conn:
            known = routes.all_routes(conn, rt.ledger.vault)
    except SQLAlchemyError:
        return []
    return [(f"route {each.name}", _route(each)) for each in known]


def _route(route: routes.Route) -> str:
    if route.stopped:
        return "stopped by its provider's refusal: mend it, then 'loa route start'"
    try:
        if route.provider != "loa1":
            checked_settings(route.provider, dict(route.settings))
    except LoaError as error:
        return error.en
    return ""
