"""``loa audit``: prove that the log is whole and that it explains every delivery."""

import sys

import click
from rich.console import Console
from rich.progress import Progress

from dispatcher.commands.session import json_option, runtime, show


@click.group()
def audit() -> None:
    """Verify the log."""


@audit.command()
@click.option("--wait", is_flag=True, help="Seal what is open first.")
@json_option
def verify(*, wait: bool, as_json: bool) -> None:
    """Check the whole log against its checkpoints, and every delivery against the log.

    Exit status 1 and the first things wrong, by name, if anything is.
    """
    from dispatcher.ledger.verifying.verify import verify as check

    with runtime() as rt, Progress(console=Console(stderr=True), disable=as_json) as bar:
        while wait and rt.sealer.seal():
            pass
        task = bar.add_task("sổ nhật ký", total=None)
        report = check(
            rt.ledger,
            public_key=rt.log_key.public,
            origin=rt.log_key.origin,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    if as_json:
        findings = [{"code": each.code, "where": each.where, "vi": each.vi, "en": each.en}
                    for each in report.findings]  # fmt: skip
        show({"entries": report.entries, "verified": report.verified, "findings": findings})
    else:
        click.echo(f"{report.entries} mục, {report.pages} trang, cây {report.size} lá.")
        for each in report.findings[:20]:
            click.secho(f"✗ {each.where}: {each.vi}", fg="red")
        click.echo("Đúng toàn bộ." if report.verified else "SAI.")
    sys.exit(0 if report.verified else 1)


@audit.command()
def key() -> None:
    """Print the public key that checkpoints are verified with (C2SP vkey)."""
    with runtime() as rt:
        click.echo(rt.log_key.vkey())
