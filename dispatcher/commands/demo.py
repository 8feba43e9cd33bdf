"""``loa demo``."""

import json
import sys

import click
from rich.console import Console


@click.command()
@click.option("--once", is_flag=True, help="End by itself, with exit status 0 or 1.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
@click.option("--port", default=0, help="Port of the page (default: a free one).")
def demo(*, once: bool, as_json: bool, port: int) -> None:
    """Play a night in a commune: an evacuation order on five channels, from order to end.

    Everything runs on this machine: SQLite, the queue, simulated providers and loudspeakers.
    Nothing leaves it, and every person in it is invented.
    """
    from dispatcher.demo.run import Demo

    console = Console(quiet=as_json, highlight=False)
    result = Demo(console, port).run(stay=not once)
    if as_json:
        click.echo(json.dumps(result.to_json(), ensure_ascii=False))
    sys.exit(0 if result.good else 1)
