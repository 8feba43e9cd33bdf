"""``loa grant``: who may do what, where and until when."""

from typing import Any

import click

from dispatcher.commands.naming import ROLE, agency_named, at_option, ends, hour
from dispatcher.commands.session import acting, as_option, colleague, json_option, runtime, show
from dispatcher.delegate import Loan, delegate
from dispatcher.domain.authoring import coming
from dispatcher.domain.authority import Term
from dispatcher.grant import grant as give_right
from dispatcher.ledger import grants
from dispatcher.ledger.grants import NewGrant
from dispatcher.ledger.handles import Row
from dispatcher.revoke import revoke as revoke_right


@click.group()
def grant() -> None:
    """Give, lend and take back roles."""


from_option = click.option("--from", "start", help="When it begins: +2d, 2026-12-01T07:00; now.")
basis_option = click.option("--basis", default="", help="Number and symbol of the document.")


@grant.command()
@click.argument("account")
@click.argument("role", type=ROLE)
@from_option
@click.option("--until", help="When it ends; without it, for good.")
@basis_option
@at_option
@as_option
def give(
    account: str,
    role: str,
    *,
    start: str | None,
    until: str | None,
    basis: str,
    place: str | None,
    who: str | None,
) -> None:
    """Give ACCOUNT a ROLE at your agency or one below it. It holds there and below."""
    with runtime() as rt:
        actor = acting(rt, who)
        agency = agency_named(rt, actor, place) if place else actor.agency
        term = _term(start, until, basis, rt.now())
        receiver = colleague(rt, actor, account).account
        number = give_right(rt.ledger, actor, NewGrant(receiver, agency, role, term))
        click.echo(f"Quyền số {number}")


@grant.command("delegate")
@click.argument("account")
@click.argument("role", type=ROLE)
@from_option
@click.option("--until", required=True, help="When you are back: +14d, 2026-12-15T07:00.")
@basis_option
@as_option
def delegate_(
    account: str, role: str, *, start: str | None, until: str, basis: str, who: str | None
) -> None:
    """Lend ACCOUNT a ROLE of your own while you are on leave. --basis names the document."""
    with runtime() as rt:
        actor = acting(rt, who)
        term = _term(start, until, basis, rt.now())
        loan = Loan(colleague(rt, actor, account).account, role, term)
        click.echo(f"Quyền số {delegate(rt.ledger, actor, loan)}")


@grant.command()
@click.argument("number", type=int)
@as_option
def revoke(number: int, *, who: str | None) -> None:
    """End the grant or delegation NUMBER now."""
    with runtime() as rt:
        revoke_right(rt.ledger, acting(rt, who), number)
        click.echo("Đã thu hồi.")


@grant.command("list")
@as_option
@json_option
def list_(*, who: str | None, as_json: bool) -> None:
    """List the grants at your agency and below it, those that are over too."""
    with runtime() as rt:
        actor = acting(rt, who)
        with rt.ledger.read() as conn:
            rows = grants.page_of(conn, actor.path, after=0, limit=100_000)
    if as_json:
        show(
            [
                {
                    "id": row.id,
                    "account": row.account_name,
                    "agency": row.agency_name,
                    "role": row.role,
                    "from": row.from_at,
                    "until": row.until_at,
                    "basis": row.basis,
                    "delegated_by": row.lender_name,
                    "revoked_at": row.revoked_at,
                    "holds": bool(row.holds),
                }
                for row in rows
            ]
        )
        return
    for row in rows:
        lent = f", thay {row.lender_name}" if row.lender_name else ""
        holder = f"{row.account_name}, {row.agency_name}{lent}"
        click.echo(f"{row.id:>5}  {row.role:<13}  {holder}, {_time(row)}")


def _time(row: Row[Any]) -> str:
    """From when until when a right holds, and whether it does now."""
    if row.revoked_at:
        return f"đã thu hồi {hour(row.revoked_at)}"
    until = f" đến {hour(row.until_at)}" if row.until_at else ""
    return f"từ {hour(row.from_at)}{until}" + ("" if row.holds else " (không có hiệu lực)")


def _term(start: str | None, until: str | None, basis: str, now: int) -> Term:
    return Term(coming(start, "--from", now) if start else 0, ends(until, now), basis)
