"""The verb by which a list of contacts leaves: approved, once, and marked with who took it.

The file is not encrypted: a password beside the file protects nobody. What protects is that
somebody else agreed, that it is in the log, and that every copy says whose it was.
"""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from dispatcher.domain import authority, personal
from dispatcher.domain.errors import Conflict, NotFound
from dispatcher.domain.model import AddressKind
from dispatcher.ledger import data_requests, desk, pages, reading, sealed, subjects
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.store import Ledger

#: Contacts opened at a time.
_AT_ONCE = 500

_HOURS_AHEAD = timedelta(hours=7)

#: Columns as the import reads them again.
HEADER = (
    "Mã", "Họ và tên", "Số điện thoại", "Thư điện tử", "Zalo", "Mã địa bàn", "Thôn",
    "Người phụ trách", "Chức vụ", "Nguồn",
)  # fmt: skip


def export_contacts(ledger: Ledger, actor: Actor, number: int) -> Iterator[bytes]:
    """The CSV file of an approved request, in pieces; who asked takes it, within a day, once.

    The request is used up and the act entered before the first line exists. Language is left out:
    it tells ethnic origin (Luật 91/2025/QH15). Raises NotFound and Conflict.
    """
    with ledger.begin() as conn:
        asked = data_requests.load(conn, number)
        own = asked is not None and asked.asked_by == actor.account
        if asked is None or not own or not authority.below(actor.path, asked.path):
            raise NotFound("not_found", "Không có ở đây.", "There is nothing here.")
        authority.require("ask_export", actor.roles)
        now = desk.now(conn)
        if not data_requests.use(conn, number, now - personal.EXPORT_WITHIN_MS, now):
            raise Conflict(
                "not_approved",
                "Đề nghị này chưa được duyệt, đã dùng, hoặc đã quá 24 giờ từ khi duyệt.",
                "This request is not approved, has been used, or was approved over 24 hours ago.",
            )
        area = asked.terms["area"] or None
        people = subjects.count(conn, asked.path, area)
        facts = {"what": "contacts", "contacts": people, "why": asked.why}
        pages.record(
            conn, "export", f"data_request:{number}", actor=actor.account, at=now, facts=facts
        )
    return _file(ledger, asked, actor.name, now)


def _file(ledger: Ledger, asked: Row[Any], name: str, now: int) -> Iterator[bytes]:
    """Spreadsheet programs take UTF-8 for what it is when it begins with a byte order mark."""
    mark = _mark(asked, name, now)
    yield "\ufeff".encode() + _csv([(mark,), HEADER])
    after = 0
    while True:
        with ledger.read() as conn:
            rows = reading.contacts_page(
                conn,
                asked.path,
                after=after,
                limit=_AT_ONCE,
                area_code=asked.terms["area"] or None,
            )
            opened = _opened(ledger, conn, rows)
        if not rows:
            break
        yield _csv(opened)
        after = rows[-1].id
    yield _csv([(mark,)])


def _opened(ledger: Ledger, conn: Connection, rows: list[Row[Any]]) -> list[tuple[str, ...]]:
    ids = {each for row in rows for each in (row.phone_id, row.email_id, row.zalo_id) if each}
    values = {
        row.id: ledger.vault.open(sealed.address(row.kind, row.digest), row.sealed).decode()
        for row in subjects.addresses(conn, ids)
        if row.sealed is not None
    }
    return [
        (
            row.external_id or "",
            sealed.name_of(ledger.vault, row),
            *(
                values.get(getattr(row, f"{kind.value}_id"), "")
                for kind in (AddressKind.PHONE, AddressKind.EMAIL, AddressKind.ZALO)
            ),
            row.area_code,
            row.locality or "",
            "x" if row.responsible else "",
            row.office,
            row.source,
        )
        for row in rows
    ]


def _mark(asked: Row[Any], name: str, now: int) -> str:
    local = datetime.fromtimestamp(now / 1000, UTC) + _HOURS_AHEAD
    return (
        f"Danh bạ của {asked.agency_name}; {name} xuất lúc {local:%H:%M ngày %d/%m/%Y}; đề nghị số "
        f"{asked.id}, {asked.decided_by_name} duyệt. Có dữ liệu cá nhân: không chuyển cho người "
        "khác."
    )


def _csv(rows: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([_inert(cell) for cell in row] for row in rows)
    return out.getvalue().encode()


def _inert(cell: str) -> str:
    """No cell begins like a formula, except a phone number in its canonical form."""
    number = cell.startswith("+") and cell[1:].isdigit()
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell and not number else cell
