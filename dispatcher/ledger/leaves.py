"""Which table a dispatch's deliveries are in.

On PostgreSQL the hot path names the leaf partition itself: going through the parent doubled the
database's cost. Small dispatches share a leaf per 30 days, so that ten thousand communes with a
notice a day do not make ten thousand tables; a large one has its own and can be retired alone.
"""

from functools import lru_cache

from sqlalchemy import Connection, MetaData, Table, text

from dispatcher.ledger.tables import attempt, delivery

#: From this many expected deliveries a dispatch gets leaves of its own.
OWN_LEAF = 20_000
#: Leaves of large dispatches are numbered above those of thirty days (days since 1970 / 30).
_OWN_BASE = 1_000_000


def part_for(dispatch: int, expected: int, at: int) -> int:
    """The partition number of a new dispatch. ``at``: epoch ms."""
    if expected >= OWN_LEAF:
        return _OWN_BASE + dispatch
    days = at // 86_400_000
    return days // 30


def owned(part: int) -> bool:
    """Whether a partition is a single dispatch's."""
    return part >= _OWN_BASE


@lru_cache(maxsize=256)
def _leaf(base: str, part: int) -> Table:
    parent = {"delivery": delivery, "attempt": attempt}[base]
    return parent.to_metadata(MetaData(), name=f"{base}_{part}")


def delivery_leaf(conn: Connection, part: int) -> Table:
    """The table to read and write deliveries of a partition."""
    return _leaf("delivery", part) if conn.dialect.name == "postgresql" else delivery


def attempt_leaf(conn: Connection, part: int) -> Table:
    return _leaf("attempt", part) if conn.dialect.name == "postgresql" else attempt


def ensure(conn: Connection, part: int) -> None:
    """Make sure the leaves exist. Attached rather than created in place: the parent stays free.

    A function of the owner's makes them (``migrations.leaf_functions``): the engine need not be
    allowed to create tables.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT make_leaves(:part)"), {"part": part})
