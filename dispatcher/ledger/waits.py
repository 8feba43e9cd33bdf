"""Why something waits, in words that an operator can act on (rate, circuit, pause, lane, stop)."""

from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy import Connection, Row, func, select, text

from dispatcher.ledger import desk, outside
from dispatcher.ledger.tables import batch, dispatch, route, route_health, stop

_HANOI = timezone(timedelta(hours=7))

_STATES = {
    "scheduled": "chưa đến giờ phát ({start})",
    "paused": "đang tạm dừng{why}",
    "stopped": "đã bị dừng{why}",
}


def reasons(conn: Connection, dispatch_id: int) -> list[str]:
    """Every reason that holds a dispatch's unsent deliveries now; empty when nothing waits."""
    row = conn.execute(select(dispatch).where(dispatch.c.id == dispatch_id)).one_or_none()
    if row is None or row.finished_at is not None:
        return []
    if row.state in _STATES:
        why = f": {row.state_why}" if row.state_why else ""
        start = _clock(row.start_at)
        return [_STATES[row.state].format(start=start, why=why)]
    return [*_stops(conn, row), *_held(conn, row), *_channels(conn, row)]


def _stops(conn: Connection, row: Row[Any]) -> list[str]:
    scopes = ["all", f"agency:{row.agency_id}", f"dispatch:{row.id}"]
    found = conn.execute(select(stop).where(stop.c.scope.in_(scopes)))
    return [f"lệnh dừng {each.scope}: {each.why}" for each in found]


def _held(conn: Connection, row: Row[Any]) -> list[str]:
    words = {outside.WAITING: "chờ duyệt", outside.REFUSED: "bị từ chối"}
    return [
        f"{each.channel}: {each.subject} {words[each.state]}"
        for each in outside.holding(conn, row.version_id)
    ]


def _channels(conn: Connection, row: Row[Any]) -> list[str]:
    now = desk.now(conn)
    waiting = conn.execute(
        select(batch.c.channel, func.min(batch.c.due_at), func.count())
        .where(batch.c.dispatch_id == row.id, batch.c.state == 0)
        .group_by(batch.c.channel)
        .order_by(batch.c.channel)
    ).all()
    found = []
    for channel, due_at, count in waiting:
        if due_at > now:
            found.append(f"{channel}: {count} lô chờ đến {_clock(due_at)}")
        else:
            found += _routes(conn, row, channel, now)
    return found


def _routes(conn: Connection, row: Row[Any], channel: str, now: int) -> list[str]:
    """Why the routes of a channel take nothing; nothing to say when one of them is open."""
    routes = conn.execute(
        select(route, route_health)
        .join(route_health, route_health.c.route_id == route.c.id)
        .where(route.c.channel == channel, route.c.mode == row.mode)
        .order_by(route.c.id)
    ).all()
    if not routes:
        return [f"{channel}: chưa có kết nối nào"]
    words = [_route(each, now) for each in routes]
    if not all(words):
        return _lane(conn, row, channel)
    return [f"{channel}: {word}" for word in words]


def _route(row: Row[Any], now: int) -> str:
    if row.stopped_at is not None:
        return f"kết nối '{row.name}' đã dừng: {row.stopped_why}"
    if row.open_until > now:
        return f"kết nối '{row.name}' lỗi, thử lại lúc {_clock(row.open_until)}: {row.why}"
    if row.next_slot_us > (now + 1000) * 1000:
        return f"kết nối '{row.name}' đã dùng hết tốc độ {row.rate:g}/giây"
    return ""


def _lane(conn: Connection, row: Row[Any], channel: str) -> list[str]:
    higher = conn.scalar(
        text(
            "SELECT count(*) FROM batch e JOIN dispatch ed ON ed.id = e.dispatch_id "
            "WHERE e.state < 2 AND e.channel = :channel AND ed.state = 'running' "
            "AND ed.mode = :mode AND e.lane < (SELECT min(lane) FROM batch WHERE dispatch_id = :id)"
        ),
        {"channel": channel, "mode": row.mode, "id": row.id},
    )
    return [f"{channel}: nhường bản tin có mức độ ưu tiên cao hơn"] if higher else []


def _clock(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, _HANOI).strftime("%H:%M:%S %d/%m")
