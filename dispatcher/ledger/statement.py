"""An invoice beside our own charges, sorted on disk: neither need fit in memory.

A temporary SQLite file that vanishes when it is closed.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dispatcher.domain.invoices import Billed, Sent, Unreadable
from dispatcher.ledger.entries import commitment

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
CREATE TABLE sent (id INTEGER PRIMARY KEY, dispatch INT, delivery INT, attempt INT, parts INT,
    price REAL, at INT, budget TEXT);
CREATE TABLE name (name BLOB PRIMARY KEY, sent INT) WITHOUT ROWID;
CREATE TABLE billed (line INT, name BLOB, reference TEXT, parts INT, price REAL, amount REAL,
    at INT);
CREATE TABLE unreadable (line INT, vi TEXT, en TEXT);
BEGIN;
"""

#: Each line with what it bills; of lines that bill the same, the first is none that repeats.
_LINES = """
SELECT billed.line, billed.reference, billed.parts, billed.price, billed.amount, billed.at,
    sent.dispatch, sent.delivery, sent.attempt, sent.parts, sent.price, sent.at, sent.budget,
    row_number() OVER (PARTITION BY coalesce(name.sent, billed.name) ORDER BY billed.line)
FROM billed
LEFT JOIN name ON name.name = billed.name
LEFT JOIN sent ON sent.id = name.sent
ORDER BY billed.line
"""

_UNBILLED = """
SELECT dispatch, delivery, attempt, parts, price, at, budget FROM sent
WHERE id NOT IN (SELECT name.sent FROM billed JOIN name ON name.name = billed.name)
ORDER BY id
"""

_OURS = "SELECT budget, count(*), sum(parts * price) FROM sent GROUP BY budget ORDER BY budget"

_THEIRS = """
SELECT coalesce(sent.budget, ''), count(*),
    sum(coalesce(billed.amount, billed.price * billed.parts, billed.parts * sent.price, 0))
FROM billed
LEFT JOIN name ON name.name = billed.name
LEFT JOIN sent ON sent.id = name.sent
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Matched:
    """A line with the try that it bills; ``repeated``: an earlier line has billed that."""

    billed: Billed
    sent: Sent | None
    repeated: bool


@dataclass(frozen=True, slots=True)
class Sum:
    """What a budget source has to pay, by the invoice or by ourselves."""

    budget: str
    number: int
    amount: float


class Statement:
    """To be filled with all charges, then with the invoice, then read."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._db.executescript(_TABLES)

    def add_sent(self, sent: Sent, names: Iterable[bytes]) -> None:
        """Keep one of our own tries under the commitments of its names, once.

        ``names``: the provider's name first; a try whose first name is known already is the same.
        """
        first, *others = names
        known = self._db.execute("SELECT 1 FROM name WHERE name = ?", (first,)).fetchone()
        if known:
            return
        number = self._db.execute(
            "INSERT INTO sent VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
            (sent.dispatch, sent.delivery, sent.attempt, sent.parts, sent.price, sent.at,
             sent.budget),
        ).lastrowid  # fmt: skip
        rows = [(name, number) for name in (first, *others)]
        self._db.executemany("INSERT OR IGNORE INTO name VALUES (?, ?)", rows)

    def add_line(self, line: Billed | Unreadable) -> None:
        """Keep a line of the invoice."""
        if isinstance(line, Unreadable):
            row = (line.line, line.vi, line.en)
            self._db.execute("INSERT INTO unreadable VALUES (?, ?, ?)", row)
            return
        name = commitment(line.reference.encode())
        self._db.execute(
            "INSERT INTO billed VALUES (?, ?, ?, ?, ?, ?, ?)",
            (line.line, name, line.reference, line.parts, line.price, line.amount, line.at),
        )

    def lines(self) -> Iterator[Matched]:
        """The readable lines in the file's order."""
        for row in self._db.execute(_LINES):
            sent = Sent(*row[6:13]) if row[6] is not None else None
            yield Matched(Billed(*row[:6]), sent, row[13] > 1)

    def unreadable(self) -> Iterator[Unreadable]:
        for row in self._db.execute("SELECT line, vi, en FROM unreadable ORDER BY line"):
            yield Unreadable(*row)

    def unbilled(self) -> Iterator[Sent]:
        """Our tries that no line bills."""
        for row in self._db.execute(_UNBILLED):
            yield Sent(*row)

    def ours(self) -> list[Sum]:
        """What we sent, by budget source."""
        return [Sum(*row) for row in self._db.execute(_OURS)]

    def theirs(self) -> list[Sum]:
        """What the invoice asks for, by budget source; what is not ours under none."""
        return [Sum(*row) for row in self._db.execute(_THEIRS)]

    def close(self) -> None:
        self._db.close()
