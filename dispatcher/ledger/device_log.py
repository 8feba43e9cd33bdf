"""Play logs of devices, line by line as they came: kept, acknowledged, checked for breaks."""

from collections.abc import Sequence
from itertools import groupby

from sqlalchemy import Connection, exists, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatcher.domain.device import GENESIS, LogLine
from dispatcher.ledger.tables import device_event


def keep(conn: Connection, speaker_id: int, lines: Sequence[LogLine], now: int) -> list[LogLine]:
    """Store what is new; return the lines that stand: of two with one number the first does."""
    dialect = pg_insert if conn.dialect.name == "postgresql" else sqlite_insert
    rows = [
        {
            "speaker_id": speaker_id,
            "boot": line.boot,
            "n": line.n,
            "line": line.raw,
            "received_at": now,
        }
        for line in lines
    ]
    conn.execute(dialect(device_event).on_conflict_do_nothing(), rows)
    stored = conn.execute(
        select(device_event.c.boot, device_event.c.n, device_event.c.line)
        .where(device_event.c.speaker_id == speaker_id)
        .where(device_event.c.boot.in_({line.boot for line in lines}))
        .where(device_event.c.n.in_({line.n for line in lines}))
    )
    standing = {(row.boot, row.n): bytes(row.line) for row in stored}
    return [line for line in lines if standing[line.boot, line.n] == line.raw]


def acked(conn: Connection, speaker_id: int, boot: str, whole: int) -> int:
    """The highest number of a boot up to which nothing is missing: the first without a successor.

    ``whole``: nothing is missing up to here; what lies before it is not read.
    """
    own = (device_event.c.speaker_id == speaker_id, device_event.c.boot == boot)
    if (
        not whole
        and conn.scalar(select(device_event.c.n).where(*own, device_event.c.n == 1)) is None
    ):
        return 0
    later = device_event.alias("later")
    successor = exists().where(
        later.c.speaker_id == speaker_id, later.c.boot == boot, later.c.n == device_event.c.n + 1
    )
    query = (
        select(device_event.c.n)
        .where(*own, device_event.c.n >= max(whole, 1), ~successor)
        .order_by(device_event.c.n)
        .limit(1)
    )
    return int(conn.scalars(query).one())


def broken_chains(conn: Connection, speaker_id: int) -> list[tuple[str, int]]:
    """(boot, n) of each line of a speaker's log that does not follow the one before it.

    The chain goes on across starts (docs/loa-1.md §8). Boots have no order of their own: the first
    line of one follows the last line of some other, or nothing at all (GENESIS).
    """
    rows = conn.execute(
        select(device_event)
        .where(device_event.c.speaker_id == speaker_id)
        .order_by(device_event.c.boot, device_event.c.n)
    )
    boots = {
        boot: [LogLine.parse(row.line) for row in of_boot]
        for boot, of_boot in groupby(rows, key=lambda row: row.boot)
    }
    ends = {boot: lines[-1].digest for boot, lines in boots.items()}
    return [
        (boot, line.n)
        for boot, lines in boots.items()
        for line, before in zip(lines, (None, *lines), strict=False)
        if not _follows(line, before, [ends[other] for other in ends if other != boot])
    ]


def _follows(line: LogLine, before: LogLine | None, ends: Sequence[str]) -> bool:
    """``ends``: digests of the last lines of other boots, where a first line may go on."""
    if before is not None:
        return line.follows(before.digest)
    return any(line.follows(digest) for digest in (GENESIS, *ends))
