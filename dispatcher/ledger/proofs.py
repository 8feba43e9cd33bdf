"""Proofs that a page is in the log and that an older log is the beginning of this one.

RFC 9162 §2.1.3.1 and §2.1.4.1, from tiles and leaves: a proof reads some tiles, not the log.
"""

from sqlalchemy import Connection, select

from dispatcher.ledger import merkle
from dispatcher.ledger.merkle import TILE
from dispatcher.ledger.tables import leaf, tile

#: Tiles in memory at a time, 8 kB each. Neighbouring paths read the same ones.
_KEPT = 512


class Log:
    """The first ``size`` leaves of the log, as a tree."""

    def __init__(self, conn: Connection, size: int) -> None:
        self._conn, self.size = conn, size
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def root(self) -> bytes:
        return self._range(0, self.size) if self.size else merkle.root([])

    def inclusion(self, position: int) -> list[bytes]:
        """The audit path of the leaf at a position, its sibling first."""
        return Paths(self).to(position)

    def subtree(self, first: int, width: int) -> list[bytes]:
        """The hash over as many of the leaves from ``first`` as there are; none beyond the end."""
        return [self._range(first, min(first + width, self.size))] if first < self.size else []

    def consistency(self, old: int) -> list[bytes]:
        """What shows that the first ``old`` leaves were the log once."""
        if not 0 < old < self.size:
            return []
        return self._subproof(old, 0, self.size, known=True)

    def _subproof(self, old: int, first: int, end: int, *, known: bool) -> list[bytes]:
        """SUBPROOF of RFC 9162 for the leaves from ``first`` to before ``end``."""
        if old == end - first:
            return [] if known else [self._range(first, end)]
        middle = first + _split(end - first)
        if first + old <= middle:
            left = self._subproof(old, first, middle, known=known)
            return [*left, self._range(middle, end)]
        right = self._subproof(old - (middle - first), middle, end, known=False)
        return [*right, self._range(first, middle)]

    def _range(self, first: int, end: int) -> bytes:
        """The tree hash over leaves; ``first`` is a multiple of the next power of two."""
        width = end - first
        if width & (width - 1):
            middle = first + _split(width)
            return merkle.node_hash(self._range(first, middle), self._range(middle, end))
        level = (width.bit_length() - 1) // 8
        unit = TILE**level
        hashes = self._tile(level, first // unit // TILE)
        start = first // unit % TILE
        return merkle.root(hashes[start : start + width // unit])

    def _tile(self, level: int, number: int) -> list[bytes]:
        """The hashes of a tile, also of one that is not complete yet."""
        found = self._tiles.get((level, number))
        if found is None:
            if len(self._tiles) >= _KEPT:
                self._tiles.clear()
            found = self._tiles[level, number] = self._read(level, number)
        return found

    def _read(self, level: int, number: int) -> list[bytes]:
        query = select(tile.c.hashes).where(tile.c.level == level, tile.c.number == number)
        stored = self._conn.scalar(query)
        if stored is not None:
            return [stored[at : at + 32] for at in range(0, len(stored), 32)]
        first = number * TILE
        if level == 0:
            return self._leaves(first)
        below = self.size // TILE**level
        return [merkle.root(self._tile(level - 1, each)) for each in range(first, below)]

    def _leaves(self, first: int) -> list[bytes]:
        query = (
            select(leaf.c.digest)
            .where(leaf.c.position >= first, leaf.c.position < first + TILE)
            .order_by(leaf.c.position)
        )
        return [bytes(each) for each in self._conn.scalars(query)]


class Paths:
    """Audit paths of many leaves, in ascending order.

    What an earlier path has shown is not repeated: pages that lie together share nearly all of
    their paths. A path ends at the first node that the reader knows already.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        #: Level → the pair of nodes there that was shown last.
        self._shown: dict[int, int] = {}

    def to(self, position: int) -> list[bytes]:
        """The part of the path that is new."""
        path, level, width = [], 0, 1
        while width < self._log.size:
            index = position // width
            if self._shown.get(level) == index // 2:
                break
            self._shown[level] = index // 2
            path += self._log.subtree((index ^ 1) * width, width)
            level, width = level + 1, width * 2
        return path


def _split(width: int) -> int:
    """The largest power of two smaller than ``width``."""
    return 1 << (width - 1).bit_length() - 1
