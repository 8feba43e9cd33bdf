"""Entries sorted by delivery on disk: the log is in the order of time, rows are in that of ids.

A temporary SQLite file sorts what need not fit in memory, and vanishes when it is closed.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from dispatcher.ledger.verifying.decoding import Act


class Kept(NamedTuple):
    """An entry of a delivery and the page it is on. ``order`` rises along the log."""

    dispatch: int
    delivery: int
    order: int
    page: int
    entry: bytes


class KeptAct(NamedTuple):
    """An act, the dispatch of its page (0: none) and the page it is on."""

    dispatch: int
    order: int
    page: int
    name: str
    subject: str
    actor: int
    at: int
    facts: str


class Spool:
    """To be filled along the log, then read by delivery or by subject."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;"
            "CREATE TABLE entry (dispatch INT, delivery INT, ord INT, page INT, entry BLOB);"
            "CREATE TABLE act (dispatch INT, ord INT, page INT, name TEXT, subject TEXT,"
            " actor INT, at INT, facts TEXT);"
            "CREATE INDEX act_subject ON act (subject, name);"
            "BEGIN;"
        )

    def keep(self, rows: Iterable[Kept]) -> None:
        self._db.executemany("INSERT INTO entry VALUES (?,?,?,?,?)", rows)

    def keep_act(self, row: KeptAct) -> None:
        self._db.execute("INSERT INTO act VALUES (?,?,?,?,?,?,?,?)", row)

    def by_delivery(self) -> Iterator[Kept]:
        """All entries by dispatch and delivery, each delivery's along the log."""
        query = "SELECT * FROM entry ORDER BY dispatch, delivery, ord"
        return map(Kept._make, self._db.execute(query))

    def about(self, subject: str, name: str) -> list[KeptAct]:
        """The acts of a name about one subject, along the log."""
        query = "SELECT * FROM act WHERE subject = ? AND name = ? ORDER BY ord"
        return [KeptAct._make(row) for row in self._db.execute(query, (subject, name))]

    def named(self, name: str) -> Iterator[KeptAct]:
        query = "SELECT * FROM act WHERE name = ? ORDER BY ord"
        return map(KeptAct._make, self._db.execute(query, (name,)))

    def acts(self) -> Iterator[KeptAct]:
        """All acts by the number of their page."""
        query = "SELECT * FROM act ORDER BY page, ord"
        return map(KeptAct._make, self._db.execute(query))

    def has(self, name: str) -> bool:
        """Whether there is an act of this name."""
        return self._db.execute("SELECT 1 FROM act WHERE name = ?", (name,)).fetchone() is not None

    def close(self) -> None:
        self._db.close()


def from_act(dispatch: int, order: int, page: int, act: Act) -> KeptAct:
    return KeptAct(dispatch, order, page, *act)
