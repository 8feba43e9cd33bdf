"""The sealer: committed pages become leaves of the log, the log becomes signed checkpoints.

Writers never touch the tree. They leave a page's number in ``page_open`` in the transaction that
writes the page; what is committed there is what can be sealed, so a slow transaction with a low
number is simply sealed later. Checkpoints are C2SP signed notes.
"""

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, func, insert, select, text

from dispatcher.ledger import desk, generations, merkle
from dispatcher.ledger.kept import Kept
from dispatcher.ledger.store import Ledger
from dispatcher.ledger.tables import checkpoint, leaf, page, page_open, tile

#: Pages integrated in one transaction.
AT_ONCE = 2_000

#: How long a sealer that vanished keeps others out, at most. Every seal, once a second, renews it.
LEASE_MS = 3_000


@dataclass(frozen=True, slots=True)
class LogKey:
    """Who signs checkpoints. ``origin`` names the log, e.g. ``loa.ninhbinh.gov.vn/log``."""

    origin: str
    key: Ed25519PrivateKey

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a verifier finds the key (C2SP signed-note)."""
        named = self.origin.encode() + b"\n\x01" + self.public
        return hashlib.sha256(named).digest()[:4]

    def vkey(self) -> str:
        """The public half as verifiers are given it: ``origin+id+base64(type ‖ key)``."""
        encoded = base64.b64encode(b"\x01" + self.public).decode()
        return f"{self.origin}+{self.key_id.hex()}+{encoded}"

    def checkpoint(self, size: int, root: bytes) -> str:
        """A signed note over origin, size and root (C2SP tlog-checkpoint)."""
        return self.note(f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n")

    def note(self, body: str) -> str:
        """A signed note. ``body``: lines, each with its end (C2SP signed-note)."""
        signature = base64.b64encode(self.key_id + self.key.sign(body.encode())).decode()
        return f"{body}\n— {self.origin} {signature}\n"


class Sealer:
    """Integrates pages. Any number may run; a lease keeps them apart.

    ``kept``: the newest checkpoint outside the database. A log that does not contain it has gone
    back in time; signed on, it would be a second log of the same name.
    ``lease_ms``: how long the others wait for one that vanished, part of the merge delay.
    """

    def __init__(
        self,
        ledger: Ledger,
        key: LogKey,
        holder: str,
        kept: Kept | None = None,
        lease_ms: int = LEASE_MS,
    ) -> None:
        self._ledger, self._key, self._holder, self._kept = ledger, key, holder, kept
        self._lease_ms = lease_ms
        self._tree: merkle.Tree | None = None

    def seal(self) -> int:
        """Integrate what is committed and sign a checkpoint; return how many pages."""
        with self._ledger.begin() as conn:
            if not desk.lease(conn, "sealer", self._holder, self._lease_ms):
                self._tree = None
                return 0
            if self._kept and not generations.contains(conn, self._key.origin, self._kept.newest()):
                return 0
            tree = self._current(conn)
            try:
                sealed = self._append(conn, tree)
            except BaseException:
                # Whatever it was, our copy of the tree may hold leaves that were undone.
                self._tree = None
                raise
            self._tree = tree
            return sealed

    def _current(self, conn: Connection) -> merkle.Tree:
        """The tree as the database has it; our copy if nobody else has written since."""
        if self._tree is not None and self._tree.size == size(conn):
            return self._tree
        return load_tree(conn)

    def _append(self, conn: Connection, tree: merkle.Tree) -> int:
        """Make open pages leaves; return how many. The database moves them: only digests, which
        the tree needs, come here."""
        first = tree.size
        conn.execute(_TAKE, {"first": first, "most": AT_ONCE})
        digests = list(conn.scalars(_TAKEN, {"first": first}))
        if not digests:
            return 0
        done = tree.append(map(bytes, digests))
        if done:
            conn.execute(
                insert(tile),
                [
                    {"level": level, "number": number, "hashes": hashes}
                    for level, number, hashes in done
                ],
            )
        conn.execute(_CLOSE, {"first": first})
        root = tree.root()
        key = replace(self._key, origin=generations.origin(conn, self._key.origin))
        conn.execute(
            insert(checkpoint).values(
                size=tree.size,
                root=root,
                note=key.checkpoint(tree.size, root),
                created_at=desk.now(conn),
            )
        )
        return len(digests)


#: What is taken is fixed by this statement alone; those after it look at the leaves it made, since
#: a page with a lower number may be committed in between.
_TAKE = text("""
INSERT INTO leaf (position, page_id, digest)
SELECT :first + row_number() OVER (ORDER BY p.id) - 1, p.id, p.digest
FROM (SELECT page_id FROM page_open ORDER BY page_id LIMIT :most) o JOIN page p ON p.id = o.page_id
""")
_TAKEN = text("SELECT digest FROM leaf WHERE position >= :first ORDER BY position")
_CLOSE = text("""
DELETE FROM page_open
WHERE page_id IN (SELECT page_id FROM leaf WHERE position >= :first)
""")


def size(conn: Connection) -> int:
    """Leaves of the log. Positions have no gaps, so the last one tells; counting reads them all."""
    last = conn.scalar(select(func.max(leaf.c.position)))
    return 0 if last is None else last + 1


def load_tree(conn: Connection) -> merkle.Tree:
    """The tree's right edge from complete tiles and the leaves to the right of them."""
    return tree_at(conn, size(conn))


def tree_at(conn: Connection, leaves: int) -> merkle.Tree:
    """The tree as it was when it had so many leaves, at most as many as there are."""
    tree = merkle.Tree(size=leaves, edges=[[]])
    level, width = 0, leaves
    while width:
        count = width % merkle.TILE
        if level == len(tree.edges):
            tree.edges.append([])
        tree.edges[level] = _edge(conn, level, width - count, count)
        level, width = level + 1, width // merkle.TILE
    return tree


def _edge(conn: Connection, level: int, first: int, count: int) -> list[bytes]:
    if level == 0:
        within = leaf.c.position.between(first, first + count - 1)
        query = select(leaf.c.digest).where(within).order_by(leaf.c.position)
        return [bytes(digest) for digest in conn.scalars(query)]
    below = (
        select(tile.c.hashes)
        .where(tile.c.level == level - 1, tile.c.number >= first, tile.c.number < first + count)
        .order_by(tile.c.number)
    )
    return [_tile_root(hashes) for hashes in conn.scalars(below)]


def _tile_root(hashes: bytes) -> bytes:
    return merkle.root([hashes[start : start + 32] for start in range(0, len(hashes), 32)])


def oldest_open(conn: Connection) -> int | None:
    """When the oldest page that is not sealed yet was written (epoch ms): the merge delay."""
    query = select(func.min(page.c.created_at)).join(page_open, page_open.c.page_id == page.c.id)
    oldest: int | None = conn.scalar(query)
    return oldest


def oldest_age_s(conn: Connection) -> float:
    """How long the oldest open page has waited, in seconds: the merge delay; 0 if none waits."""
    oldest = oldest_open(conn)
    return (desk.now(conn) - oldest) / 1000 if oldest is not None else 0.0


def latest(conn: Connection) -> Row[Any] | None:
    """The newest checkpoint."""
    return conn.execute(select(checkpoint).order_by(checkpoint.c.size.desc()).limit(1)).first()
