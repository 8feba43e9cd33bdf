"""The verb that puts checkpoints outside our reach: mailboxes, folders, once a day or when asked.

Whoever has the database and the key can write another history and sign it; none that contains a
checkpoint which lies where they cannot write.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from dispatcher.compare_outside import INSTALLATION, compare_outside
from dispatcher.domain.alarms import Alarm
from dispatcher.domain.errors import Conflict
from dispatcher.domain.ports import Queue
from dispatcher.ledger import anchors, desk, sealer
from dispatcher.ledger.handles import Connection
from dispatcher.ledger.kept import Kept, Point, point
from dispatcher.ledger.store import Ledger

log = logging.getLogger(__name__)

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

#: A place that failed is tried again after this long.
_AGAIN_MS = 10 * 60_000
_LEASE = "anchor"


class NotTaken(Exception):
    """A place did not take a checkpoint; worth trying again later. The words name no person."""


class Place(Protocol):
    """Somewhere outside our reach. ``kind`` is its only name in alarms and acts."""

    @property
    def kind(self) -> str: ...

    @property
    def where(self) -> str: ...

    def put(self, kept: Point, at: int) -> None:
        """Leave a checkpoint there, epoch ms ``at``. Raises NotTaken."""


@dataclass(frozen=True, slots=True)
class Anchoring:
    """What anchoring works with. ``patience_ms``: age of a last anchor that raises an alarm."""

    ledger: Ledger
    kept: Kept
    places: Sequence[Place]
    patience_ms: int


def newest(means: Anchoring) -> Point:
    """The newest checkpoint of a log that has not gone back. Raises Conflict if there is none."""
    if not compare_outside(means.ledger, means.kept):
        raise Conflict(
            "log_went_back",
            "Sổ nhật ký đã lùi lại sau khôi phục. Đối chiếu trước: loa audit reconcile",
            "The log went back in time. Reconcile it first: loa audit reconcile",
        )
    with means.ledger.read() as conn:
        row = sealer.latest(conn)
    found = row and point(row.note, means.kept.origin, means.kept.public_key)
    if not found:
        raise Conflict(
            "no_checkpoint",
            "Chưa có điểm kiểm nào. Chạy loa work (hoặc loa serve) rồi thử lại.",
            "There is no checkpoint yet. Run loa work (or loa serve), then try again.",
        )
    return found


def anchor(means: Anchoring, *, actor: int = 0) -> dict[str, str]:
    """Put the newest checkpoint everywhere now; kind → why it was not taken, empty if it was.

    Raises Conflict when there is nothing to anchor, or a log that went back.
    """
    taken = newest(means)
    return {place.kind: _put(means, place, taken, actor) for place in means.places}


def anchor_due(means: Anchoring) -> None:
    """Put the newest checkpoint where there has been none today."""
    with means.ledger.read() as conn:
        now, last = desk.now(conn), anchors.last(conn)
    due = _due(means.places, last, now)
    if due:
        taken = newest(means)
        for place in due:
            _put(means, place, taken, actor=0)


def watch_anchors(means: Anchoring, queue: Queue) -> None:
    """Ring when a place is due, and tell of one that has waited too long."""
    if not means.places:
        return
    with means.ledger.read() as conn:
        now, last = desk.now(conn), anchors.last(conn)
        first, standing = anchors.since(conn), desk.standing(conn, Alarm.ANCHOR_OVERDUE)
    if first is None:
        return
    late = {
        place.kind: last.get(place.kind, first)
        for place in means.places
        if now - last.get(place.kind, first) > means.patience_ms
    }
    told = {subject for _, subject in standing}
    if set(late) != told:
        _tell(means.ledger, late, told, now)
    if _due(means.places, last, now) and _turn(means.ledger, now):
        queue.ring("anchor")


def _put(means: Anchoring, place: Place, taken: Point, actor: int) -> str:
    with means.ledger.read() as conn:
        now = desk.now(conn)
    try:
        place.put(taken, now)
    except NotTaken as refusal:
        log.warning("anchor %s not taken: %s", place.kind, refusal)
        return str(refusal)
    with means.ledger.begin() as conn:
        anchors.record(conn, place.kind, place.where, taken, actor=actor, at=now)
        desk.clear_alarm(conn, INSTALLATION, Alarm.ANCHOR_OVERDUE, place.kind, now)
    return ""


def _due(places: Sequence[Place], last: Mapping[str, int], now: int) -> list[Place]:
    """Those that have had nothing since midnight in Hà Nội."""
    return [place for place in places if _day(last.get(place.kind, 0)) < _day(now)]


def _day(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, _HANOI).strftime("%Y-%m-%d")


def _turn(ledger: Ledger, now: int) -> bool:
    """Whether nobody has rung for this lately."""
    with ledger.begin() as conn:
        return desk.lease(conn, _LEASE, str(now), _AGAIN_MS)


def _tell(ledger: Ledger, late: Mapping[str, int], told: set[str], now: int) -> None:
    with ledger.begin() as conn:
        for kind, since in late.items():
            _raise(conn, kind, since, now)
        for kind in told - set(late):
            desk.clear_alarm(conn, INSTALLATION, Alarm.ANCHOR_OVERDUE, kind, now)


def _raise(conn: Connection, kind: str, since: int, now: int) -> None:
    hours = (now - since) // 3_600_000
    words = f"Đã {hours} giờ chưa gửi được điểm kiểm ra ngoài ({kind})"
    desk.raise_alarm(conn, INSTALLATION, Alarm.ANCHOR_OVERDUE, kind, words, now)
