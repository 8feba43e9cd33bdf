"""The verb that insists: a release that nobody confirmed is named, then to the agency above."""

from typing import Any

from dispatcher.domain.alarms import Alarm
from dispatcher.domain.approvals import CONFIRM_WITHIN_MS
from dispatcher.ledger import approvals, bulletins, desk, dispatches, pages, registry
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.store import Ledger

#: How long after confirmation was due (ms) → whom the alarm's subject addresses.
_OWN, _ABOVE = "", ":above"
_STEPS = ((0, _OWN), (CONFIRM_WITHIN_MS, _ABOVE))


def escalate(ledger: Ledger) -> None:
    """Name, once at each step, what should have been confirmed. Looking takes no writer's turn."""
    with ledger.read() as conn:
        now = desk.now(conn)
        late = approvals.overdue(conn, now)
        told = {subject for _, subject in desk.standing(conn, Alarm.UNCONFIRMED)} if late else set()
    for row in late:
        for after, whom in _STEPS:
            if row.confirm_by + after < now and f"approval:{row.id}{whom}" not in told:
                with ledger.begin() as conn:
                    _name(conn, row, whom)


def _name(conn: Connection, row: Row[Any], whom: str) -> None:
    now, dispatch = desk.now(conn), dispatches.of_approval(conn, row.id)
    version = bulletins.load_version(conn, row.version_id)
    owner = registry.load_agency(conn, version.agency_id) if version else None
    if dispatch is None or owner is None:
        return
    told, words = owner.id, f"Lần phát {dispatch} do một người phát, quá 24 giờ chưa được xác nhận."
    if whom == _ABOVE:
        told = owner.parent_id or owner.id
        words = f"Lần phát {dispatch} của {owner.name} quá 48 giờ chưa được xác nhận: báo cấp trên."
        approvals.escalate(conn, row.id, now)
    subject = f"approval:{row.id}"
    if desk.raise_alarm(conn, dispatch, Alarm.UNCONFIRMED, f"{subject}{whom}", words, now):
        facts = {"to": told, "confirm_by": row.confirm_by}
        pages.record(conn, "unconfirmed", subject, actor=0, at=now, facts=facts, dispatch=dispatch)
