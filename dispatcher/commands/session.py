"""What commands share: the installation they work on, and how they print."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from dispatcher import bootstrap
from dispatcher.bootstrap import Runtime
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.domain.model import Mode
from dispatcher.ledger import desk, registry
from dispatcher.ledger.registry import Actor


@contextmanager
def runtime() -> Iterator[Runtime]:
    """The installation that LOA_* settings name, closed at the end."""
    opened = bootstrap.build()
    try:
        yield opened
    finally:
        opened.close()


def acting(rt: Runtime, name: str | None) -> Actor:
    """The account that a command acts for: by name, or the only one there is.

    On a demo or test database it acts in test mode, on a production one live.
    """
    with rt.ledger.read() as conn:
        mode = Mode.LIVE if desk.get_mark(conn, "kind") == "production" else Mode.TEST
        known = registry.accounts(conn)
        if name is None and len(known) == 1:
            name = known[0].name
        found = registry.actor_by_name(conn, name, mode.value) if name else None
    if found is None and name:
        raise NotFound("no_account", f"Không có tài khoản '{name}'.", f"No account '{name}'.")
    if found is None:
        names = ", ".join(row.name for row in known) or "-"
        raise BadInput(
            "who",
            f"Cho biết ai thực hiện bằng --as. Các tài khoản: {names}",
            f"Say who acts with --as. Accounts: {names}",
            field="--as",
        )
    return found


def show(value: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


as_option = click.option("--as", "who", help="Name of the account that acts.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
