"""How many routine bulletins of a kind an address has had today, across all agencies.

A person who is told everything listens to nothing (docs/design.md §7). Only kinds with a cap are
counted, and only at level ``normal``: a warning is never one too many.
"""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, text

from dispatcher.ledger import leaves
from dispatcher.ledger.tables import daily_count
from dispatcher.ledger.transition import Place

_DAY_MS = 86_400_000
_HANOI_MS = 7 * 3_600_000


@dataclass(frozen=True, slots=True)
class Quota:
    """At most ``cap`` bulletins of a kind a day; 0: any number."""

    kind: str
    cap: int


def day(at: int) -> int:
    """The day in Vietnam of a moment (epoch ms), counted from 1970."""
    return (at + _HANOI_MS) // _DAY_MS


#: In the order of addresses, so that two dispatches that count the same people do not wait for
#: each other crosswise.
_COUNT = """
INSERT INTO daily_count (address_id, channel, kind, day, count)
SELECT target_id, :channel, :kind, :day, 1 FROM (
  SELECT id, target_id, status FROM {leaf}
  WHERE part = :part AND dispatch_id = :dispatch AND channel = :channel
  ORDER BY id DESC LIMIT :newest
) born
WHERE status = 0
ORDER BY target_id
ON CONFLICT (address_id, channel, kind, day) DO UPDATE SET count = daily_count.count + 1
"""


def count(
    conn: Connection, place: Place, quota: Quota, channel: str, *, newest: int, now: int
) -> None:
    """Count the dispatch's newest deliveries on a channel that are to be sent."""
    statement = _COUNT.format(leaf=leaves.delivery_leaf(conn, place.part).name)
    conn.execute(
        text(statement),
        {
            "part": place.part,
            "dispatch": place.dispatch,
            "channel": channel,
            "kind": quota.kind,
            "day": day(now),
            "newest": newest,
        },
    )


def forget(conn: Connection, now: int) -> None:
    """Drop what was counted before yesterday."""
    conn.execute(delete(daily_count).where(daily_count.c.day < day(now) - 1))
