"""What commands share: the installation they work on, and how they print."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from dispatcher import bootstrap
from dispatcher.bootstrap import Runtime
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.domain.model import Mode
from dispatcher.domain.names import fold
from dispatcher.ledger import desk, registry
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor

F = TypeVar("F", bound=Callable[..., Any])

#: Where --agency waits in the context of the running command.
_AGENCY = "loa.agency"


@contextmanager
def runtime() -> Iterator[Runtime]:
    """The installation that LOA_* settings name, closed at the end."""
    opened = bootstrap.build()
    try:
        yield opened
    finally:
        opened.close()


def acting(rt: Runtime, name: str | None) -> Actor:
    """The account that a command acts for: by name (and --agency), or the only one there is.

    On a demo or test database it acts in test mode, on a production one live.
    """
    agency = _agency_asked()
    with rt.ledger.read() as conn:
        known = registry.accounts(conn)
        if name is None and len(known) > 1:
            raise _unsaid(known)
        fitting = [row for row in known if name in (None, row.name)]
        if agency:
            fitting = [row for row in fitting if fold(row.agency_name) == fold(agency)]
        return _only(conn, name or "-", fitting)


def colleague(rt: Runtime, actor: Actor, name: str) -> Actor:
    """Another person, by name or by the number that ``loa account list`` shows.

    Of several with that name, the one of the same agency.
    """
    with rt.ledger.read() as conn:
        fitting = [row for row in registry.accounts(conn) if name in (row.name, str(row.id))]
        own = [row for row in fitting if row.agency_id == actor.agency]
        return _only(conn, name, own if len(fitting) > 1 and own else fitting)


def _only(conn: Connection, name: str, fitting: Sequence[Row[Any]]) -> Actor:
    """The one account that fits. Raises NotFound for none, BadInput for several."""
    if len(fitting) > 1:
        places = "; ".join(f"{row.agency_name} ({row.office})" for row in fitting)
        raise BadInput(
            "ambiguous_account",
            f"Có nhiều tài khoản tên '{name}': {places}. Ghi thêm --agency 'tên đầy đủ của cơ "
            "quan'; nếu cùng một cơ quan, đặt tên tài khoản khác nhau.",
            f"Several accounts are named '{name}': {places}. Add --agency with the agency's full "
            "name; within one agency, name the accounts differently.",
            field="--agency",
        )
    found = registry.actor(conn, fitting[0].id, _mode(conn).value) if fitting else None
    if found is None:
        raise NotFound(
            "no_account",
            f"Không có tài khoản '{name}'. Kiểm tra tên và cơ quan (--agency).",
            f"There is no account '{name}'. Check the name and the agency (--agency).",
        )
    return found


def _mode(conn: Connection) -> Mode:
    return Mode.LIVE if desk.get_mark(conn, "kind") == "production" else Mode.TEST


def _unsaid(known: Sequence[Row[Any]]) -> BadInput:
    names = ", ".join(row.name for row in known)
    return BadInput(
        "who",
        f"Cho biết ai thực hiện bằng --as. Các tài khoản: {names}",
        f"Say who acts with --as. Accounts: {names}",
        field="--as",
    )


def _agency_asked() -> str:
    """What --agency says, for whichever command is running."""
    context = click.get_current_context(silent=True)
    return context.meta.get(_AGENCY, "") if context else ""


def _remember_agency(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    context.meta[_AGENCY] = value or ""


def show(value: Mapping[str, Any] | list[Any]) -> None:
    """One JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


#: ``--agency``, for :func:`acting`.
agency_option = click.option(
    "--agency", expose_value=False, callback=_remember_agency,
    help="Full name of that account's agency, if several have the name.",
)  # fmt: skip


def as_option(command: F) -> F:
    """``--as`` for the command, and ``--agency`` for :func:`acting`."""
    named = click.option("--as", "who", help="Name of the account that acts.")
    return named(agency_option(command))


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
