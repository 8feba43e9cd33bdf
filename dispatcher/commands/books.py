"""``loa book``: the auditors' books as files."""

from pathlib import Path

import click

from dispatcher.books.formats import FORMATS
from dispatcher.books.shelf import SHELF
from dispatcher.commands.files import destination
from dispatcher.commands.session import acting, as_option, runtime
from dispatcher.domain.period import of_days
from dispatcher.open_book import write_book


@click.command()
@click.argument("name", type=click.Choice(list(SHELF)))
@click.option("--from", "first", required=True, help="First day, YYYY-MM-DD.")
@click.option("--to", "last", required=True, help="Last day, YYYY-MM-DD, included.")
@click.option(
    "--format", "kind", type=click.Choice(list(FORMATS)), default="csv", show_default=True
)
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path),
              help="File to write; standard output if not given.")  # fmt: skip
@as_option
def book(
    name: str, *, first: str, last: str, kind: str, output: Path | None, who: str | None
) -> None:
    """Take a book of your agency and those below it: bulletins, deliveries, plays, exceptions.

    A file with deliveries is an act in the ledger.
    """
    period = of_days(first, last)
    with runtime() as rt:
        actor = acting(rt, who)
        with destination(output) as out:
            write_book(rt.ledger, actor, name, period, kind, out)
    if output:
        click.echo(f"{SHELF[name].book.vi}: {output}", err=True)
