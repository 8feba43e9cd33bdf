"""``loa import``."""

import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress

from dispatcher.commands.session import acting, as_option, json_option, runtime, show
from dispatcher.domain.contact_errors import HEADINGS_VI
from dispatcher.import_contacts import ImportReport, import_contacts


@click.group("import")
def import_() -> None:
    """Take in lists of people."""


@import_.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--synthetic", is_flag=True, help="Invented people, who never get anything live.")
@as_option
@json_option
def contacts(file: Path, *, synthetic: bool, who: str | None, as_json: bool) -> None:
    """Import contacts from a CSV file (UTF-8, or as Excel saves it).

    A row with an error is reported and left out; the good rows are kept.
    """
    with runtime() as rt, Progress(console=Console(stderr=True), disable=as_json) as bar:
        actor = acting(rt, who)
        with file.open("rb") as source:
            task = bar.add_task(file.name, total=sum(1 for _ in source))
            source.seek(0)
            report = import_contacts(
                rt.ledger,
                source,
                actor=actor,
                source_name=file.name,
                now=rt.now(),
                progress=lambda rows: bar.update(task, completed=rows),
                synthetic=synthetic,
            )
    if as_json:
        show(_json(report))
    else:
        _print(report)
    sys.exit(1 if report.refused else 0)


def _print(report: ImportReport) -> None:
    click.echo(
        f"{report.rows} dòng: thêm {report.added}, cập nhật {report.updated}, "
        f"bỏ qua {report.refused}."
    )
    for error in report.errors:
        vi, en = f"dòng {error.row}", f"row {error.row}"
        if error.column:
            heading = HEADINGS_VI[error.column]
            vi, en = f"{vi}, cột '{heading}'", f"{en}, column '{heading}'"
        click.echo(f"  {vi}: {error.vi} {error.remedy_vi}", err=True)
        click.echo(f"    {en}: {error.en} {error.remedy_en}", err=True)
    for each in report.unknown_localities:
        click.echo(f"  thôn chưa có: {each.name} ({each.rows} dòng)", err=True)


def _json(report: ImportReport) -> dict[str, object]:
    return {
        "rows": report.rows,
        "added": report.added,
        "updated": report.updated,
        "refused": report.refused,
        "errors": [
            {
                "row": each.row,
                "column": each.column,
                "heading": HEADINGS_VI.get(each.column, ""),
                "code": each.code,
                "vi": each.vi,
                "en": each.en,
                "remedy_vi": each.remedy_vi,
                "remedy_en": each.remedy_en,
            }
            for each in report.errors
        ],
        "unknown_localities": [
            {"name": each.name, "rows": each.rows} for each in report.unknown_localities
        ],
    }
