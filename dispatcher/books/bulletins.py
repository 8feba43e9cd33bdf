"""Sổ nhật ký bản tin: a line for each dispatch."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from dispatcher.books import codes, written
from dispatcher.books.book import Book, Column, Form, Shelved, Slice, Tallied, Values, numbers
from dispatcher.domain.model import TargetKind
from dispatcher.domain.personal import SMALLEST_GROUP
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import prices, reading
from dispatcher.ledger.books import costs, dispatches
from dispatcher.ledger.books.dispatches import Counted
from dispatcher.ledger.books.scope import Scope
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.prices import Prices
from dispatcher.ledger.transition import Place

BOOK = Book(
    "bulletins",
    "Sổ nhật ký bản tin",
    "Log of bulletins",
    "Mỗi số lượng kèm căn cứ xác nhận; người, cụm loa, yêu cầu qua nhà mạng không cộng chung.",
    "Every count names whose word it rests on; people, clusters and orders are never added up.",
    (
        Column("number", "Số", "Number", Form.NUMBER),
        Column("symbol", "Số, ký hiệu văn bản", "Document symbol"),
        Column("title", "Tiêu đề", "Title"),
        Column("date", "Ngày, giờ phát", "Date", Form.MOMENT),
        Column("kind", "Loại tin", "Kind"),
        Column("level", "Mức độ ưu tiên", "Level", Form.CODE, "level"),
        Column("agency", "Cơ quan", "Agency"),
        Column("drafted_by", "Người soạn", "Drafted by"),
        Column("drafted_at", "Soạn lúc", "Drafted at", Form.MOMENT),
        Column("approved_by", "Người duyệt", "Approved by"),
        Column("approved_office", "Chức vụ người duyệt", "Approver's office"),
        Column("approved_at", "Duyệt lúc", "Approved at", Form.MOMENT),
        Column("way", "Cách duyệt", "Way of approval", Form.CODE, "way"),
        Column("authority", "Ca trực hoặc lệnh miệng", "Shift or verbal order"),
        Column("area", "Địa bàn", "Area"),
        Column("channels", "Kênh", "Channels", Form.CODE, "channel"),
        Column("start_at", "Bắt đầu", "Start", Form.MOMENT),
        Column("end_at", "Kết thúc", "End", Form.MOMENT),
        Column("valid_until", "Hiệu lực đến", "Valid until", Form.MOMENT),
        Column("people", "Người (theo kết quả và căn cứ)", "People", Form.TALLY, "people"),
        Column("clusters", "Cụm loa (theo kết quả và căn cứ)", "Clusters", Form.TALLY, "clusters"),
        Column("orders", "Yêu cầu qua nhà mạng", "Orders to carriers", Form.TALLY, "orders"),
        Column("replaced_by", "Thay bằng lần phát", "Replaced by"),
        Column("cost", "Chi phí (đồng)", "Cost (VND)", Form.MONEY),
        Column("seal", "Niêm phong số", "Seal", Form.NUMBER),
        Column("seal_page", "Trang niêm phong", "Page of the seal", Form.NUMBER),
        Column("sealed_at", "Niêm phong lúc", "Sealed at", Form.MOMENT),
        Column("mode", "Chế độ", "Mode"),
    ),
)  # fmt: skip

_UNITS = {
    "people": TargetKind.ADDRESS,
    "clusters": TargetKind.SPEAKER,
    "orders": TargetKind.ORDER,
}


def read(conn: Connection, scope: Scope, place: str, limit: int) -> Slice:
    """Dispatches by the moment they start."""
    start, number = numbers(place, 2)
    found = dispatches.starting(conn, scope, (start, number), limit)
    rows = dispatches.told(conn, [row.id for row in found]) if found else []
    last = found[-1] if len(found) == limit else None
    return Slice(_lines(conn, rows), f"{last.start_at}.{last.id}" if last else "")


SHELVED = Shelved(BOOK, read)


def _lines(conn: Connection, rows: Sequence[Row[Any]]) -> list[Values]:
    seals = dispatches.seals(conn, [row.id for row in rows])
    later = dispatches.replacements(conn, [row.bulletin_id for row in rows])
    rates = prices.read(conn)
    return [
        _line(conn, row, rates, seals.get(row.id), later.get(row.bulletin_id, [])) for row in rows
    ]


def _line(
    conn: Connection,
    row: Row[Any],
    rates: Prices,
    seal: Row[Any] | None,
    later: Sequence[tuple[str, int]],
) -> Values:
    spot = Place(row.id, row.part)
    values: dict[str, Any] = {
        **_written(row),
        **_decided(row),
        **_counts(dispatches.counted(conn, spot)),
        "area": ", ".join(_areas(conn, row.plan)),
        "replaced_by": ", ".join(f"{number} ({relation})" for relation, number in later),
        "cost": _cost(conn, spot, rates, row),
        "seal": seal and seal.number,
        "seal_page": seal and seal.page_id,
        "sealed_at": seal and seal.created_at,
    }
    return [values[column.name] for column in BOOK.columns]


def _written(row: Row[Any]) -> Mapping[str, Any]:
    return {
        "number": row.id,
        "symbol": written.symbol(row.content, row.later_symbol),
        "title": written.title(row.content),
        "date": row.start_at,
        "kind": row.kind_name,
        "level": row.level,
        "agency": row.agency_name,
        "drafted_by": row.drafted_by,
        "drafted_at": row.drafted_at,
        "channels": ",".join(row.plan.get("channels", ())),
        "start_at": row.start_at,
        "end_at": row.finished_at,
        "valid_until": row.valid_until or None,
        "mode": "diễn tập" if row.drill else row.mode,
    }


def _decided(row: Row[Any]) -> Mapping[str, Any]:
    order = row.verbal_order
    spoken = "; ".join(str(order[key]) for key in sorted(order)) if order else ""
    shift = f"ca trực {row.shift_id}: {row.shift_basis}" if row.shift_id else ""
    return {
        "approved_by": row.approved_by,
        "approved_office": row.approved_office,
        "approved_at": row.decided_at,
        "way": row.way,
        "authority": spoken or shift,
    }


def _counts(rows: Sequence[Counted]) -> Mapping[str, tuple[Tallied, ...]]:
    rows = _hidden(rows)
    return {
        name: tuple(
            Tallied(codes.status(each.status), codes.evidence(each.evidence), each.number)
            for each in rows
            if each.target_kind == kind
        )
        for name, kind in _UNITS.items()
    }


def _hidden(rows: Sequence[Counted]) -> Sequence[Counted]:
    """People who have seen it are counted as arrived while they are too few to hide among."""
    seen = [each for each in rows if _seen(each)]
    if sum(each.number for each in seen) >= SMALLEST_GROUP:
        return rows
    alike = Counter({each[:3]: each.number for each in rows if not _seen(each)})
    for each in seen:
        alike[each.target_kind, Status.DELIVERED, Evidence.CARRIER] += each.number
    return [Counted(*key, number) for key, number in sorted(alike.items())]


def _seen(each: Counted) -> bool:
    return each.target_kind == TargetKind.ADDRESS and each.status == Status.SEEN


def _areas(conn: Connection, plan: Mapping[str, Any]) -> list[str]:
    audience = plan.get("audience")
    return reading.places(conn, audience) if audience else []


def _cost(conn: Connection, spot: Place, rates: Prices, row: Row[Any]) -> float:
    until = row.finished_at or row.valid_until or 2**62
    return round(costs.of_dispatch(conn, spot, rates, row.start_at, until), 2)
