"""Silence: which speakers do not answer, and who has been named already."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select

from dispatcher.domain.model import TargetKind
from dispatcher.domain.status import Status
from dispatcher.ledger import leaves
from dispatcher.ledger.store import db_now
from dispatcher.ledger.tables import alarm, batch, lease, locality, speaker
from dispatcher.ledger.transition import Place


def silent(
    conn: Connection, place: Place, channels: Collection[str], before: int
) -> list[Row[Any]]:
    """Speakers with an item to fetch that were not heard of since ``before`` (epoch ms).

    ``device``, ``name`` and ``locality`` of each. Speakers are few beside the people of the same
    dispatch: its batches tell where among the deliveries they are.
    """
    leaf = leaves.delivery_leaf(conn, place.part)
    query = (
        select(speaker.c.device, speaker.c.name, locality.c.name.label("locality"))
        .join_from(leaf, speaker, speaker.c.id == leaf.c.target_id)
        .outerjoin(locality, locality.c.id == speaker.c.locality_id)
        .where(leaf.c.part == place.part, leaf.c.dispatch_id == place.dispatch)
        .where(leaf.c.id >= _bound(func.min(batch.c.lo), place, channels))
        .where(leaf.c.id <= _bound(func.max(batch.c.hi), place, channels))
        .where(leaf.c.target_kind == int(TargetKind.SPEAKER))
        .where(leaf.c.status == int(Status.SENDING))
        .where(or_(speaker.c.seen_at.is_(None), speaker.c.seen_at < before))
        .order_by(speaker.c.device)
    )
    return list(conn.execute(query))


def _bound(edge: Any, place: Place, channels: Collection[str]) -> Any:
    own = batch.c.dispatch_id == place.dispatch
    return select(edge).where(own, batch.c.channel.in_(channels)).scalar_subquery()


def told(conn: Connection, dispatch_id: int, code: str) -> dict[str, bool]:
    """Subject of every alarm of a kind that was ever raised → whether it still stands."""
    query = select(alarm.c.subject, alarm.c.cleared_at).where(
        alarm.c.dispatch_id == dispatch_id, alarm.c.code == code
    )
    return {row.subject: row.cleared_at is None for row in conn.execute(query)}


def leased(conn: Connection, name: str) -> bool:
    """Whether somebody looks, or has looked a short while ago: the lease of that name stands."""
    query = select(exists().where(lease.c.name == name, lease.c.until >= db_now()))
    return bool(conn.scalar(query))
