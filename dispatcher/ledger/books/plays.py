"""What loudspeakers' own logs say they did, line by line as the devices chained them."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, tuple_

from dispatcher.ledger.books.scope import Scope, agencies
from dispatcher.ledger.tables import device_event, dispatch, play_item, speaker, station

#: Lines before the end of a play among which its beginning is looked for: pre-empted plays and
#: the device's own remarks may lie between.
_BACK = 40

#: (speaker, received, boot, n) of a line.
Spot = tuple[int, int, str, int]


def lines(conn: Connection, scope: Scope, after: Spot, limit: int) -> list[Row[Any]]:
    """Lines that came in during the period, by cluster and by when they came."""
    order = (
        device_event.c.speaker_id,
        device_event.c.received_at,
        device_event.c.boot,
        device_event.c.n,
    )
    query = (
        select(
            device_event,
            speaker.c.name.label("speaker_name"),
            station.c.name.label("station_name"),
            station.c.hours,
        )
        .join(speaker, speaker.c.id == device_event.c.speaker_id)
        .join(station, station.c.id == speaker.c.station_id)
        .where(station.c.agency_id.in_(agencies(scope.path)))
        .where(device_event.c.received_at >= scope.period.since)
        .where(device_event.c.received_at < scope.period.until)
        .where(tuple_(*order) > tuple_(*after))
        .order_by(*order)
        .limit(limit)
    )
    return list(conn.execute(query))


def before(conn: Connection, line: Row[Any]) -> Sequence[bytes]:
    """The lines before one of the same boot, newest first: its beginning is among them."""
    query = (
        select(device_event.c.line)
        .where(device_event.c.speaker_id == line.speaker_id, device_event.c.boot == line.boot)
        .where(device_event.c.n < line.n, device_event.c.n >= line.n - _BACK)
        .order_by(device_event.c.n.desc())
    )
    return [bytes(each) for each in conn.scalars(query)]


def of_mode(conn: Connection, numbers: Collection[int], mode: str) -> set[int]:
    """Those of these dispatches that are of the mode."""
    query = select(dispatch.c.id).where(dispatch.c.id.in_(numbers), dispatch.c.mode == mode)
    return set(conn.scalars(query))


def orders(
    conn: Connection, wanted: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], dict[str, Any]]:
    """What we had told the clusters: (speaker, item) → the item as its manifest had it."""
    query = select(play_item.c.speaker_id, play_item.c.ref, play_item.c.body).where(
        tuple_(play_item.c.speaker_id, play_item.c.ref).in_(wanted)
    )
    return {(row.speaker_id, row.ref): row.body for row in conn.execute(query)} if wanted else {}
