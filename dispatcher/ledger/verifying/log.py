"""The tree: leaves against pages, tiles against leaves, signed checkpoints against both."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, text

from dispatcher.ledger.verifying import tree
from dispatcher.ledger.verifying.findings import Findings
from dispatcher.ledger.verifying.generations import Generations
from dispatcher.ledger.verifying.notes import BadNote
from dispatcher.ledger.verifying.outside import Outside
from dispatcher.ledger.verifying.pages import Pages
from dispatcher.ledger.verifying.retired import Retired
from dispatcher.ledger.verifying.rows import number, raw, stream

#: Hashes in a tile (C2SP tlog-tiles).
_TILE = 256

#: Called with pages read and pages there are.
Progress = Callable[[int, int], None]

_LEAVES = """
SELECT l.position, l.page_id, l.digest AS leaf,
  p.id, p.dispatch_id, p.body, p.count AS entries, p.digest, p.created_at
FROM leaf l LEFT JOIN page p ON p.id = l.page_id ORDER BY l.position
"""
_OPEN = """
SELECT o.page_id, p.id, p.dispatch_id, p.body, p.count AS entries, p.digest, p.created_at
FROM page_open o LEFT JOIN page p ON p.id = o.page_id ORDER BY o.page_id
"""
_CHECKPOINTS = "SELECT size, root, note, created_at FROM checkpoint ORDER BY size"
_TWICE = "SELECT page_id FROM leaf GROUP BY page_id HAVING count(*) > 1 ORDER BY page_id"
_BOTH = """
SELECT l.page_id FROM leaf l JOIN page_open o ON o.page_id = l.page_id ORDER BY l.page_id
"""
_LOOSE = """
SELECT p.id, p.created_at FROM page p
WHERE NOT EXISTS (SELECT 1 FROM leaf l WHERE l.page_id = p.id)
  AND NOT EXISTS (SELECT 1 FROM page_open o WHERE o.page_id = p.id) ORDER BY p.id
"""
_TOTAL = "SELECT (SELECT count(*) FROM leaf) + (SELECT count(*) FROM page_open)"


class Log:
    """One pass over the leaves in the order of their positions, then what waits to be sealed."""

    def __init__(
        self,
        conn: Connection,
        findings: Findings,
        pages: Pages,
        generations: Generations,
        retired: Retired,
        outside: Outside,
    ) -> None:
        self._conn, self._findings, self._pages = conn, findings, pages
        self._generations, self._retired, self._outside = generations, retired, outside
        self._frontier = tree.Frontier()
        self._tiles = Tiles(conn, findings)
        self._checkpoints = stream(conn, _CHECKPOINTS)
        self._next: Row[Any] | None = next(self._checkpoints, None)
        self._covered = 0

    @property
    def size(self) -> int:
        """Leaves read so far."""
        return self._frontier.size

    def read(self, progress: Progress | None) -> None:
        """Check everything, page by page."""
        total = number(self._conn, _TOTAL)
        self._pass_checkpoints()
        for row in stream(self._conn, _LEAVES):
            self._leaf(row)
            if progress:
                progress(self._pages.pages, total)
        self._end()
        for row in stream(self._conn, _OPEN):
            self._page(row)
            if progress:
                progress(self._pages.pages, total)
        self._membership()

    def _leaf(self, row: Row[Any]) -> None:
        where = f"leaf(position={row.position})"
        expected = self._frontier.size
        if row.position != expected:
            self._findings.add("leaf_position", where, row.created_at, expected=expected)
        recorded = raw(row.leaf)
        recomputed = self._there(row, recorded)
        if recomputed is not None and recomputed != recorded:
            self._findings.add("leaf_digest", f"{where}.digest", row.created_at, page=row.page_id)
        self._frontier.push(recorded)
        self._tiles.push(recorded)
        self._pass_checkpoints()

    def _there(self, row: Row[Any], recorded: bytes) -> bytes | None:
        """The leaf hash of a leaf's page; None for one that is unreadable, missing or retired."""
        if row.id is None and self._retired.took(row.page_id, recorded):
            self._pages.pass_over()
            return None
        return self._page(row)

    def _page(self, row: Row[Any]) -> bytes | None:
        if row.id is None:
            self._findings.add("page_missing", f"page(id={row.page_id})")
            return None
        return self._pages.read(row)

    def _pass_checkpoints(self) -> None:
        """Compare the checkpoints, if any, of exactly the leaves read so far."""
        self._outside.passed(self._frontier)
        while self._next is not None and self._next.size <= self._frontier.size:
            self._checkpoint(self._next)
            self._covered = self._next.size
            self._next = next(self._checkpoints, None)

    def _checkpoint(self, row: Row[Any]) -> None:
        where = f"checkpoint(size={row.size})"
        try:
            claim = self._generations.signer(row.size).read(row.note)
        except BadNote as error:
            self._findings.add("checkpoint_note", f"{where}.note", row.created_at, why=str(error))
            return
        if (claim.size, claim.root) != (row.size, raw(row.root)):
            self._findings.add("checkpoint_differs", f"{where}.root", row.created_at)
        if claim.size == self._frontier.size and claim.root != self._frontier.root():
            self._findings.add("checkpoint_root", f"{where}.root", row.created_at)

    def _end(self) -> None:
        leaves = self._frontier.size
        self._outside.end(leaves)
        while self._next is not None:
            where, size = f"checkpoint(size={self._next.size})", self._next.size
            facts = {"size": size, "leaves": leaves}
            self._findings.add("checkpoint_beyond", where, self._next.created_at, **facts)
            self._checkpoint(self._next)
            self._covered = size
            self._next = next(self._checkpoints, None)
        if self._covered < leaves:
            self._findings.add("checkpoint_behind", "checkpoint", leaves=leaves)
        self._tiles.end()

    def _membership(self) -> None:
        """Every page is one leaf, or waits to become one."""
        for row in stream(self._conn, _TWICE):
            self._findings.add("leaf_twice", "leaf.page_id", page=row.page_id)
        for row in stream(self._conn, _BOTH):
            self._findings.add("page_both", f"page_open(page_id={row.page_id})")
        for row in stream(self._conn, _LOOSE):
            self._findings.add("page_loose", f"page(id={row.id})", row.created_at)


class Tiles:
    """The tiles that the leaves complete, level upon level."""

    def __init__(self, conn: Connection, findings: Findings) -> None:
        self._conn, self._findings = conn, findings
        self._levels: list[list[bytes]] = [[]]
        self._done: list[int] = [0]

    def push(self, digest: bytes, level: int = 0) -> None:
        """Add a leaf hash, or to a higher level the root of a complete tile."""
        if level == len(self._levels):
            self._levels.append([])
            self._done.append(0)
        row = self._levels[level]
        row.append(digest)
        if len(row) == _TILE:
            self._compare(level, self._done[level], b"".join(row))
            self._levels[level] = []
            self._done[level] += 1
            self.push(tree.root(row), level + 1)

    def end(self) -> None:
        """No tile may lie beyond the leaves."""
        for row in stream(self._conn, "SELECT level, number FROM tile ORDER BY level, number"):
            if row.level >= len(self._done) or row.number >= self._done[row.level]:
                where = f"tile(level={row.level}, number={row.number})"
                self._findings.add("tile_extra", where)

    def _compare(self, level: int, tile: int, hashes: bytes) -> None:
        where = f"tile(level={level}, number={tile})"
        stored = self._conn.execute(
            text("SELECT hashes FROM tile WHERE level = :level AND number = :tile"),
            {"level": level, "tile": tile},
        ).scalar_one_or_none()
        if stored is None:
            self._findings.add("tile_missing", where)
        elif raw(stored) != hashes:
            self._findings.add("tile_hashes", f"{where}.hashes")
