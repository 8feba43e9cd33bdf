"""``loa reconcile``: a provider's invoice against our own log."""

import sys
from pathlib import Path
from typing import TextIO

import click

from dispatcher.books.formats import FORMATS
from dispatcher.books.reconciliation import BOOK
from dispatcher.commands.files import destination
from dispatcher.commands.session import acting, as_option, runtime
from dispatcher.domain.invoices import given_columns
from dispatcher.open_book import heading, write
from dispatcher.reconcile import reconcile


@click.command("reconcile")
@click.argument("route")
@click.argument("month")
@click.argument("invoice", type=click.File("r", encoding="utf-8", errors="replace"))
@click.option("--columns", default="",
              help="Headers of the invoice: reference=Sid,parts=Segments")  # fmt: skip
@click.option(
    "--format", "kind", type=click.Choice(list(FORMATS)), default="csv", show_default=True
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write; standard output if not given.")  # fmt: skip
@as_option
def reconcile_(
    route: str,
    month: str,
    invoice: TextIO,
    *,
    columns: str,
    kind: str,
    output: Path | None,
    who: str | None,
) -> None:
    """List every difference between an INVOICE (CSV) for a MONTH (YYYY-MM) and our own log.

    ROUTE is a number or a name. Exit status 1 if anything differs.
    """
    given = given_columns(columns)
    with runtime() as rt:
        actor = acting(rt, who)
        with reconcile(rt.ledger, actor, route, month, invoice, given) as compared:
            with rt.ledger.read() as conn:
                above = heading(conn, actor, compared.month, f"Kết nối: {compared.route}")
            with destination(output) as out:
                write(BOOK, above, compared.rows(), kind, out)
            found = compared.differences
    click.echo(f"{found} chênh lệch." if found else "Khớp hoàn toàn.", err=True)
    sys.exit(1 if found else 0)
