"""The verb that takes in a list of people. A row with errors is data; the good rows are kept."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from dispatcher.domain import authority
from dispatcher.domain.contact_columns import HEADER_WITHIN, Columns, find_columns
from dispatcher.domain.contact_errors import FILE_ERRORS, CellError, RowError
from dispatcher.domain.contact_rows import ContactRow, RowReader
from dispatcher.domain.errors import BadInput
from dispatcher.domain.places import Village
from dispatcher.domain.tabular import BrokenRow, read_table
from dispatcher.ledger import areas, pages, people
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger

#: Rows per transaction: a tenth of a second, so that an emergency need not wait for a list.
CHUNK = 2_000

#: Errors a report lists; all are counted. Nobody mends more than these before trying again.
ERRORS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class UnknownLocality:
    """A locality the list names and the commune does not have; ``rows`` were left out for it."""

    area: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of a list, in rows: ``rows`` = ``added`` + ``updated`` + ``refused``.

    ``errors``: the first thousand; ``error_counts``: all of them by code (a row may have several).
    ``ignored_columns``: headings nobody here understands. ``page``: of the ledger's entry.

    ``unknown_localities`` are proposed and not created, because speakers and audiences hang on a
    locality and a misspelt one would silently be a second village. Who knows that they are new
    creates them (``registry.add_locality``) and imports the file again, which doubles nobody.
    """

    rows: int
    added: int
    updated: int
    refused: int
    errors: tuple[RowError, ...]
    error_counts: Mapping[str, int]
    ignored_columns: tuple[str, ...]
    unknown_localities: tuple[UnknownLocality, ...]
    page: int


def import_contacts(
    ledger: Ledger,
    source: IO[bytes] | bytes,
    *,
    actor: Actor,
    source_name: str,
    now: int,
    progress: Callable[[int], None] | None = None,
    synthetic: bool = False,
) -> ImportReport:
    """Store the people of a CSV list with the actor's agency, a chunk of rows at a time.

    A person is known again by external id, or without one by name and addresses: importing twice
    updates. Memory does not grow with the file but for twelve bytes a row. ``source_name`` is
    where rows without a source say they come from; ``progress`` is told the rows read so far;
    ``synthetic`` people never get anything live.

    Raises Forbidden without the right to import, and BadInput for a file that is no list; then
    nothing is stored. If reading fails later, chunks already stored stay, and the ledger says so.
    """
    authority.require("import", actor.roles)
    table = read_table(source)
    columns = _header(table)
    with ledger.read() as conn:
        reader = RowReader(areas.atlas(conn, actor.area), _villages_of(ledger))
    intake = _Intake(ledger, actor, source_name, now, synthetic=synthetic)
    try:
        _take_in(intake, reader, table, columns, progress)
    finally:
        page = intake.record()
    return ImportReport(
        rows=intake.rows,
        added=intake.added,
        updated=intake.updated,
        refused=intake.refused,
        errors=tuple(intake.errors),
        error_counts=dict(intake.error_counts),
        ignored_columns=columns.ignored,
        unknown_localities=tuple(
            UnknownLocality(area, name, rows)
            for (area, name), rows in reader.unknown_localities.items()
        ),
        page=page,
    )


def _header(table: Iterator[tuple[int, list[str]]]) -> Columns:
    try:
        for number, row in table:
            if columns := find_columns(row):
                return columns
            if number >= HEADER_WITHIN:
                break
    except BrokenRow as broken:
        raise BadInput("header_missing", *FILE_ERRORS["header_missing"], field="header") from broken
    raise BadInput("header_missing", *FILE_ERRORS["header_missing"], field="header")


def _villages_of(ledger: Ledger) -> Callable[[str], list[Village]]:
    def load(area: str) -> list[Village]:
        with ledger.read() as conn:
            return areas.villages(conn, area)

    return load


def _take_in(
    intake: "_Intake",
    reader: RowReader,
    table: Iterator[tuple[int, list[str]]],
    columns: Columns,
    progress: Callable[[int], None] | None,
) -> None:
    good: list[ContactRow] = []
    for result in _results(reader, table, columns):
        intake.rows += 1
        if isinstance(result, ContactRow):
            good.append(result)
        else:
            intake.refuse(result)
        if intake.rows % CHUNK == 0:
            intake.store(good)
            reader.settle()
            good.clear()
            if progress:
                progress(intake.rows)
    intake.store(good)
    if progress:
        progress(intake.rows)


def _results(
    reader: RowReader, table: Iterator[tuple[int, list[str]]], columns: Columns
) -> Iterator[ContactRow | list[RowError]]:
    try:
        for number, row in table:
            given = columns.cells(row)
            if any(given.values()):
                yield reader.read(number, given)
    except BrokenRow as broken:
        yield [CellError("", "row_unreadable").at(broken.row)]


@dataclass(slots=True)
class _Intake:
    """One import under way: what was stored and what was refused so far."""

    ledger: Ledger
    actor: Actor
    source_name: str
    now: int
    synthetic: bool = field(kw_only=True)
    rows: int = 0
    added: int = 0
    updated: int = 0
    refused: int = 0
    errors: list[RowError] = field(default_factory=list)
    error_counts: Counter[str] = field(default_factory=Counter)

    def refuse(self, errors: Sequence[RowError]) -> None:
        self.refused += 1
        self.error_counts.update(error.code for error in errors)
        self.errors.extend(errors[: ERRORS_KEPT - len(self.errors)])

    def store(self, rows: Sequence[ContactRow]) -> None:
        """One chunk, one transaction."""
        if not rows:
            return
        new = [self._contact(row) for row in rows]
        with self.ledger.begin() as conn:
            ids = [each.external_id for each in new if each.external_id]
            updated = people.known(conn, self.actor.agency, ids)
            people.add(conn, self.ledger.vault, new, self.now)
        self.updated += updated
        self.added += len(new) - updated

    def record(self) -> int:
        """Enter the act in the ledger: counts only."""
        facts = {"rows": self.rows, "added": self.added, "updated": self.updated}
        with self.ledger.begin() as conn:
            return pages.record(
                conn,
                "import",
                f"agency:{self.actor.agency}",
                actor=self.actor.account,
                at=self.now,
                facts={**facts, "refused": self.refused, "errors": dict(self.error_counts)},
            )

    def _contact(self, row: ContactRow) -> people.NewContact:
        return people.NewContact(
            agency=self.actor.agency,
            name=row.name,
            area=row.area,
            locality=row.locality,
            lang=row.lang,
            addresses=row.addresses,
            responsible=row.responsible,
            office=row.office,
            source=row.source or self.source_name,
            external_id=row.external_id or self._own_id(row),
            synthetic=self.synthetic,
        )

    def _own_id(self, row: ContactRow) -> str:
        """An id for a list without ids: keyed, so that it says nothing to who reads the table."""
        return f"loa:{self.ledger.vault.digest('contact|identity', row.identity).hex()[:32]}"
