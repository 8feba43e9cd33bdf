"""The verb of auditors who open a book: read a page of it, or take it away as a file."""

from collections.abc import Iterable
from typing import BinaryIO

from dispatcher.books.book import Book, Slice, Values, all_rows
from dispatcher.books.formats import FORMATS
from dispatcher.books.heading import Heading
from dispatcher.books.shelf import take
from dispatcher.domain import authority
from dispatcher.domain.period import Period
from dispatcher.ledger import desk, pages, registry
from dispatcher.ledger.books.scope import Scope
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger


def read_book(
    ledger: Ledger, actor: Actor, name: str, period: Period, place: str, limit: int
) -> Slice:
    """Some rows of a book about the actor's agency and those below it.

    Raises Forbidden without the role, NotFound for no such book, BadInput for no such place.
    """
    authority.require("audit", actor.roles)
    shelved = take(name)
    with ledger.read() as conn:
        return shelved.read(conn, Scope(actor.path, period, actor.mode), place, limit)


def write_book(
    ledger: Ledger, actor: Actor, name: str, period: Period, kind: str, out: BinaryIO
) -> None:
    """Write a whole book as a file of a kind of ``FORMATS``; one about recipients is an act.

    Raises Forbidden without the role, NotFound for no such book.
    """
    authority.require("audit", actor.roles)
    shelved = take(name)
    if shelved.personal:
        _enter(ledger, actor, name, period, kind)
    with ledger.read() as conn:
        above = heading(conn, actor, period)
        rows = all_rows(conn, shelved, Scope(actor.path, period, actor.mode))
        write(shelved.book, above, rows, kind, out)


def write(book: Book, above: Heading, rows: Iterable[Values], kind: str, out: BinaryIO) -> None:
    """Write rows as a file of a kind of ``FORMATS``."""
    FORMATS[kind].write(book, above, rows, out)


def heading(conn: Connection, actor: Actor, period: Period, subtitle: str = "") -> Heading:
    """What stands above a table that this actor takes away."""
    agency = registry.load_agency(conn, actor.agency)
    name = agency.name if agency else ""
    return Heading(name, period, desk.now(conn), actor.name, subtitle)


def _enter(ledger: Ledger, actor: Actor, name: str, period: Period, kind: str) -> None:
    facts = {"book": name, "format": kind, "since": period.since, "until": period.until}
    with ledger.begin() as conn:
        pages.record(
            conn,
            "export",
            f"agency:{actor.agency}",
            actor=actor.account,
            at=desk.now(conn),
            facts=facts,
        )
