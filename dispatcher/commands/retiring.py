"""``loa audit retire``: what is exported and over may go."""

from datetime import datetime
from pathlib import Path

import click

from dispatcher.commands.session import acting, as_option, runtime
from dispatcher.evidence import bundled_pages
from dispatcher.evidence.words import HANOI
from dispatcher.retire import Wanted, retire


@click.command("retire")
@click.option(
    "--before", required=True, type=click.DateTime(["%Y-%m-%d"]),
    help="Pages written before this day.",
)  # fmt: skip
@click.option(
    "--bundle", required=True, type=click.Path(exists=True, path_type=Path),
    help="What 'loa audit export' wrote of them; it must hold every page that goes.",
)  # fmt: skip
@click.option("--why", default="", help="By which rule, and where the bundle is kept.")
@as_option
def retire_(*, before: datetime, bundle: Path, why: str, who: str | None) -> None:
    """Let old pages and deliveries go that a bundle holds; the log still verifies.

    Acts, seals, versions and approvals stay. For an administrator of the agency at the top.
    """
    moment = round(before.replace(tzinfo=HANOI).timestamp() * 1000)
    with runtime() as rt:
        actor = acting(rt, who)
        channels = [each.channel for each in rt.traits.values() if each.receipts]
        wanted = Wanted(moment, bundled_pages.read(bundle), why)
        gone = retire(rt.ledger, channels, actor, wanted)
    click.echo(
        f"Trang {gone.first_page}–{gone.last_page}: {gone.pages} trang, {gone.entries} mục ghi của "
        f"{gone.dispatches} đợt phát đã rời hệ thống; các việc (act) ở lại. Giữ {bundle} cẩn thận."
    )
