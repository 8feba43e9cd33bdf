"""The Merkle tree of RFC 9162 §2.1, kept as tiles of 256 hashes (C2SP tlog-tiles).

Only complete tiles are stored; what is to the right of them is in ``leaf`` rows. ``Tree`` is the
writer's view; the verifier has code of its own.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

TILE = 256


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(hashes: Sequence[bytes]) -> bytes:
    """The tree hash over leaf hashes; of none, the hash of nothing."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    row = list(hashes)
    while len(row) > 1:
        paired = [node_hash(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        row = paired + row[len(paired) * 2 :]
    return row[0]


def inclusion(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """The audit path of one leaf (RFC 9162 §2.1.3.1)."""
    if len(hashes) <= 1:
        return []
    split = 1 << (len(hashes) - 1).bit_length() - 1
    if index < split:
        return [*inclusion(hashes[:split], index), root(hashes[split:])]
    return [*inclusion(hashes[split:], index - split), root(hashes[:split])]


@dataclass
class Tree:
    """The right edge of a growing tree: for each level, the hashes not yet in a complete tile.

    Level 0 holds leaf hashes, level k the roots of complete tiles of level k-1.
    """

    size: int = 0
    edges: list[list[bytes]] = field(default_factory=lambda: [[]])

    def append(self, leaves: Iterable[bytes]) -> list[tuple[int, int, bytes]]:
        """Add leaf hashes; return the tiles they complete, as (level, number, hashes)."""
        done: list[tuple[int, int, bytes]] = []
        for leaf in leaves:
            self.size += 1
            self._push(0, leaf, done)
        return done

    def _push(self, level: int, digest: bytes, done: list[tuple[int, int, bytes]]) -> None:
        if level == len(self.edges):
            self.edges.append([])
        edge = self.edges[level]
        edge.append(digest)
        if len(edge) == TILE:
            number = (self.size >> 8 * (level + 1)) - 1
            done.append((level, number, b"".join(edge)))
            self.edges[level] = []
            self._push(level + 1, root(edge), done)

    def root(self) -> bytes:
        """The tree hash of everything appended so far."""
        right: bytes | None = None
        for edge in self.edges:
            row = [*edge, right] if right is not None else edge
            right = root(row) if row else None
        return right if right is not None else root([])
