"""The partitions of ``page`` on PostgreSQL, so that old pages can go as whole tables.

The parent refuses UPDATE and DELETE for everybody, and so does each partition. What has been
exported goes by replacing a partition with one that holds its acts only (``retirements``).
"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from dispatcher.ledger import pages

#: Pages in a partition: some 4 GB of full ones. Measured: an INSERT of 30 kB through the parent
#: takes as long as into a plain table, 0.5 ms.
SPAN = 100_000
#: Partitions that stand ready above the one in use.
_AHEAD = 2

_PARTITIONS = """
SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
WHERE i.inhparent = 'page'::regclass
"""


def bound(conn: Connection, first: int, last: int) -> int:
    """The last page, up to ``last``, with which a row of whole partitions from ``first`` on ends.

    0 if there is none. Where pages strayed into the default the row ends for good.
    """
    there = set(conn.scalars(text(_PARTITIONS)))
    number = first // SPAN
    while f"page_{number}" in there and (number + 1) * SPAN - 1 <= last:
        number += 1
    return max(number * SPAN - 1, 0)


def names(first: int, last: int) -> list[tuple[str, int]]:
    """The partitions of a range that ends on a bound: name and number."""
    numbers = range(first // SPAN, (last + 1) // SPAN)
    return [(f"page_{number}", number) for number in numbers]


def ensure(conn: Connection) -> None:
    """Make partitions ahead of the pages to come.

    A function of the owner's makes them (``migrations.page_functions``). It asks for a moment alone
    with ``page_default``, which whoever reads the log holds: the next beat tries again. Until then
    there are 200,000 pages of room, and after them the default.
    """
    if conn.dialect.name != "postgresql":
        return
    there = set(conn.scalars(text(_PARTITIONS)))
    current = pages.last_id(conn) // SPAN
    wanted = range(current, current + _AHEAD + 1)
    missing = [number for number in wanted if f"page_{number}" not in there]
    if not missing:
        return
    try:
        with conn.begin_nested():
            for number in missing:
                conn.execute(text("SELECT make_page_leaf(:number)"), {"number": number})
    except OperationalError:
        return
