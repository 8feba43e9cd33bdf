"""The verb that compares a provider's invoice with our own log, line by line."""

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import TextIO

from dispatcher.books import reconciliation
from dispatcher.books.book import Values
from dispatcher.domain import authority, invoices
from dispatcher.domain.errors import BadInput, NotFound
from dispatcher.domain.invoices import Billed, Sent, Unreadable
from dispatcher.domain.model import Reference
from dispatcher.domain.period import Period, of_month
from dispatcher.ledger import charges, desk, pages, prices, registry, routes
from dispatcher.ledger.charges import Charge
from dispatcher.ledger.entries import commitment
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.prices import Prices
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.routes import Route
from dispatcher.ledger.statement import Statement
from dispatcher.ledger.store import Ledger


class Reconciliation:
    """What came of it. Rows are those of ``books.reconciliation``."""

    def __init__(self, statement: Statement, route: str, month: Period) -> None:
        self._statement, self.route, self.month = statement, route, month
        self.differences = 0

    def rows(self) -> Iterator[Values]:
        """Every difference, counted in ``differences`` as it is read, then totals by budget."""
        self.differences = 0
        for row in reconciliation.rows(self._statement, self.month):
            self.differences += 1
            yield row
        yield from reconciliation.totals(self._statement)


@contextmanager
def reconcile(
    ledger: Ledger,
    actor: Actor,
    route: str,
    month: str,
    invoice: TextIO,
    columns: Mapping[str, str],
) -> Iterator[Reconciliation]:
    """Compare an invoice (CSV) for a month (``YYYY-MM``, Hà Nội) with what left by a route.

    ``route``: its number or name; ``columns``: what is read → the header it stands under. The
    comparison is kept on disk while the context is open. Raises Forbidden, NotFound, BadInput.
    """
    authority.require("audit", actor.roles)
    period = of_month(month)
    statement = Statement()
    try:
        with ledger.begin() as conn:
            found, path = _own_route(ledger, conn, actor, route)
            _enter(conn, actor, found, month)
        with ledger.read() as conn:
            _add_charges(conn, statement, found, path, period)
        for line in read_invoice(invoice, columns):
            statement.add_line(line)
        yield Reconciliation(statement, found.name, period)
    finally:
        statement.close()


def _own_route(ledger: Ledger, conn: Connection, actor: Actor, named: str) -> tuple[Route, str]:
    """A route of the actor's part of the tree, and its owner's path."""
    found = routes.load(conn, ledger.vault, int(named)) if _is_number(named) else None
    found = found or routes.by_name(conn, ledger.vault, named)
    owner = registry.load_agency(conn, found.agency) if found else None
    if found is None or owner is None or not authority.below(actor.path, owner.path):
        raise NotFound("no_route", "Không có kết nối này.", "There is no such route.")
    return found, str(owner.path)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 18


def _enter(conn: Connection, actor: Actor, route: Route, month: str) -> None:
    pages.record(
        conn,
        "export",
        f"route:{route.id}",
        actor=actor.account,
        at=desk.now(conn),
        facts={"book": "reconciliation", "month": month},
    )


def _add_charges(
    conn: Connection, statement: Statement, route: Route, path: str, month: Period
) -> None:
    rates = prices.read(conn)
    for dispatch in charges.dispatches_in(conn, path, route.mode, month):
        budget = str(dispatch.plan.get("budget") or "")
        for charge in charges.of_dispatch(conn, dispatch.id, month):
            if charge.route == route.id:
                own = Reference(charge.dispatch, charge.delivery, charge.attempt)
                names = (charge.named, commitment(str(own).encode()))
                statement.add_sent(_sent(charge, rates, budget), names)


def _sent(charge: Charge, rates: Prices, budget: str) -> Sent:
    return Sent(
        charge.dispatch,
        charge.delivery,
        charge.attempt,
        charge.parts,
        rates.at(charge.route, charge.at),
        charge.at,
        budget,
    )


def read_invoice(invoice: TextIO, columns: Mapping[str, str]) -> Iterator[Billed | Unreadable]:
    """The lines of a CSV file, commas or semicolons between cells. Raises BadInput without a
    header, or without a column that is needed."""
    first = invoice.readline().removeprefix("\ufeff")
    separator = ";" if first.count(";") > first.count(",") else ","
    lines = csv.reader(chain([first], invoice), delimiter=separator)
    header = next(lines, [])
    if not header:
        raise BadInput(
            "empty_invoice", "Tệp hóa đơn trống.", "The invoice is empty.", field="invoice"
        )
    where = invoices.places(header, columns)
    while True:
        try:
            cells = next(lines)
        except StopIteration:
            return
        except csv.Error as error:
            yield Unreadable(lines.line_num, "không phải CSV", f"not CSV: {error}")
            continue
        if cells:
            yield invoices.read(lines.line_num, cells, where)
