"""Counts of a dispatch as people may see them: a group too small to hide anybody is not told."""

from collections.abc import Mapping

from sqlalchemy import Connection

from dispatcher.domain.discretion import told_count
from dispatcher.domain.model import Traits, Unit
from dispatcher.domain.status import Status
from dispatcher.ledger import dispatches, reading, responsible
from dispatcher.ledger.transition import Place


def counts(
    conn: Connection, traits: Mapping[str, Traits], place: Place
) -> dict[str, Mapping[Status, int]]:
    """Per channel and status; so few citizens who have seen it are counted as reached."""
    return {
        channel: _told(conn, traits[channel], place, row)
        for channel, row in dispatches.counts(conn, place).items()
    }


def _told(
    conn: Connection, traits: Traits, place: Place, row: Mapping[Status, int]
) -> Mapping[Status, int]:
    seen = row.get(Status.SEEN, 0)
    if traits.unit is not Unit.PERSON or not seen:
        return row
    many = sum(row.values()) > reading.EVIDENCE_UP_TO
    citizens = seen if many else responsible.seen_by_citizens(conn, place, traits.channel, seen)
    delivered, seen = told_count(row.get(Status.DELIVERED, 0), seen, citizens)
    shown = {**row, Status.DELIVERED: delivered, Status.SEEN: seen}
    return {status: count for status, count in shown.items() if count}
