"""What commands about rights share: agencies by name, roles, and when something ends."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from dispatcher.bootstrap import Runtime
from dispatcher.domain import authority
from dispatcher.domain.authoring import coming
from dispatcher.domain.errors import NotFound
from dispatcher.domain.playlist import HANOI
from dispatcher.ledger import registry
from dispatcher.ledger.registry import Actor

F = TypeVar("F", bound=Callable[..., Any])

ROLE = click.Choice(list(authority.RIGHTS))

#: Where a right holds, when it is not the acting person's own agency.
at_option: Callable[[F], F] = click.option(
    "--at", "place", help="Full name of the agency where it holds; default: your own."
)


def agency_named(rt: Runtime, actor: Actor, name: str) -> int:
    """An agency of the actor's part of the tree by its full name. Raises NotFound."""
    with rt.ledger.read() as conn:
        row = registry.agency_by_name(conn, name)
    if row is None or not authority.below(actor.path, row.path):
        raise NotFound(
            "no_agency",
            f"Không có cơ quan '{name}'. Xem: loa agency list",
            f"There is no agency '{name}'. See: loa agency list",
            field="--at",
        )
    return int(row.id)


def ends(until: str | None, now: int) -> int | None:
    """What ``--until`` says in epoch ms; None when it says nothing."""
    return coming(until, "--until", now) if until else None


def hour(at: int) -> str:
    """Epoch ms as people write it, in Vietnam's time."""
    return f"{datetime.fromtimestamp(at / 1000, HANOI):%H:%M %d/%m/%Y}"
