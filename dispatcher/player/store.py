"""What a speaker remembers through a power cut: SQLite, every change on the disk before the act."""

import hashlib
import json
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS fact (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS play (
    occ TEXT PRIMARY KEY, item TEXT NOT NULL, rev INTEGER NOT NULL, sha TEXT NOT NULL,
    of_ms INTEGER NOT NULL, played_ms INTEGER NOT NULL, open INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS log (boot TEXT, n INTEGER, line BLOB NOT NULL, PRIMARY KEY (boot, n));
"""

#: Occurrences remembered; a commune plays a few dozen a day.
_MOST_PLAYS = 10_000


@dataclass(frozen=True, slots=True)
class Begun:
    """An occurrence whose sound device was opened and of which no end was logged."""

    occ: str
    item: str
    rev: int
    sha: str
    of_ms: int
    played_ms: int


class Store:
    """One connection, one lock: a speaker has few words to keep. ``boot`` names this start."""

    def __init__(self, directory: Path, boot: str) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._boot = boot
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            directory / "speaker.sqlite", isolation_level=None, check_same_thread=False
        )
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _TABLES)
        self._n = 0
        self._digest = (self.fact("digest") or b"0" * 64).decode()

    def fact(self, name: str) -> bytes | None:
        with self._lock:
            row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return bytes(row[0]) if row else None

    def remember(self, facts: Mapping[str, bytes]) -> None:
        with self._lock, self._transaction():
            self._write_facts(facts)

    def over(self) -> set[str]:
        """Occurrences begun or given up."""
        with self._lock:
            return {row[0] for row in self._db.execute("SELECT occ FROM play")}

    def unfinished(self) -> list[Begun]:
        """What was sounding when the power went."""
        query = "SELECT occ, item, rev, sha, of_ms, played_ms FROM play WHERE open = 1"
        with self._lock:
            rows = self._db.execute(query).fetchall()
        return [Begun(*row) for row in rows]

    def begin(self, begun: Begun, line: Mapping[str, object]) -> None:
        """Persist that an occurrence has begun, and its line, before the sound device opens."""
        with self._lock, self._transaction():
            self._put(begun, is_open=True)
            self._append(line)
            self._db.execute(
                "DELETE FROM play WHERE rowid <= (SELECT max(rowid) FROM play) - ?", (_MOST_PLAYS,)
            )

    def progress(self, occ: str, played_ms: int) -> None:
        with self._lock:
            self._db.execute("UPDATE play SET played_ms = ? WHERE occ = ?", (played_ms, occ))

    def close_play(self, begun: Begun, line: Mapping[str, object]) -> None:
        """An occurrence ended or given up, and its line."""
        with self._lock, self._transaction():
            self._put(begun, is_open=False)
            self._append(line)

    def log(self, line: Mapping[str, object]) -> None:
        with self._lock, self._transaction():
            self._append(line)

    def unreported(self, most: int) -> list[bytes]:
        with self._lock:
            rows = self._db.execute(
                "SELECT line FROM log ORDER BY rowid LIMIT ?", (most,)
            ).fetchall()
        return [bytes(row[0]) for row in rows]

    def forget(self, acked: Mapping[str, int]) -> None:
        """Drop the lines that the server says it has."""
        with self._lock, self._transaction():
            self._db.executemany("DELETE FROM log WHERE boot = ? AND n <= ?", list(acked.items()))

    def last_n(self) -> int:
        return self._n

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def _put(self, begun: Begun, *, is_open: bool) -> None:
        self._db.execute(
            "INSERT INTO play VALUES (?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (occ) DO UPDATE SET played_ms = excluded.played_ms, open = excluded.open",
            (*_values(begun), is_open),
        )

    def _append(self, line: Mapping[str, object]) -> None:
        """Chain a line to the one before: the digest covers that one's digest and these bytes."""
        self._n += 1
        whole = {"b": self._boot, "n": self._n, **line}
        text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
        self._digest = hashlib.sha256((self._digest + text).encode()).hexdigest()
        chained = f'{text[:-1]},"h":"{self._digest}"}}'.encode()
        self._db.execute("INSERT INTO log VALUES (?, ?, ?)", (self._boot, self._n, chained))
        self._write_facts({"digest": self._digest.encode()})

    def _write_facts(self, facts: Mapping[str, bytes]) -> None:
        self._db.executemany("INSERT OR REPLACE INTO fact VALUES (?, ?)", list(facts.items()))

    def _transaction(self) -> "_Transaction":
        return _Transaction(self._db)


class _Transaction:
    """BEGIN IMMEDIATE … COMMIT, or ROLLBACK."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, failed: object, *_: object) -> None:
        self._db.execute("ROLLBACK" if failed else "COMMIT")


def _values(begun: Begun) -> Sequence[object]:
    return (begun.occ, begun.item, begun.rev, begun.sha, begun.of_ms, begun.played_ms)
