"""Approvals as people look for them: what waits, what is mine, what nobody has confirmed."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, or_, select

from dispatcher.domain.approvals import State
from dispatcher.ledger.scope import below
from dispatcher.ledger.tables import account, agency, approval, bulletin, dispatch, version

_asker, _decider = account.alias("asker"), account.alias("decider")
_confirmer, _drafter = account.alias("confirmer"), account.alias("drafter")
_edited = version.alias("edited")


@dataclass(frozen=True, slots=True)
class Sought:
    """Which approvals; empty: all. ``mine`` and ``waits_for`` are accounts.

    ``mine``: drafted or submitted by them, also where an approver's words replaced theirs;
    ``waits_for``: not decided on, and neither drafted nor submitted by them.
    """

    state: str = ""
    way: str = ""
    unconfirmed: bool = False
    mine: int = 0
    waits_for: int = 0

    def conditions(self) -> list[ColumnElement[bool]]:
        found = []
        if self.state:
            found.append(approval.c.state == self.state)
        if self.way:
            found.append(approval.c.way == self.way)
        if self.unconfirmed:
            found += [approval.c.confirm_by.is_not(None), approval.c.confirmed_at.is_(None)]
        if self.mine:
            hands = (approval.c.submitted_by, version.c.created_by, _edited.c.created_by)
            found.append(or_(*(each == self.mine for each in hands)))
        if self.waits_for:
            found.append(approval.c.state == State.SUBMITTED.value)
            own = (approval.c.submitted_by, version.c.created_by)
            found += [each != self.waits_for for each in own]
        return found


def load(conn: Connection, approval_id: int) -> Row[Any] | None:
    """One with its agency, its bulletin, its dispatch, and the names of who had a hand in it."""
    return conn.execute(_requests().where(approval.c.id == approval_id)).one_or_none()


def page_of(
    conn: Connection, path: str, sought: Sought, *, before: int, limit: int
) -> list[Row[Any]]:
    """Those of an agency and the ones below it, newest first, keyset-paged by id."""
    query = _requests().where(below(path), approval.c.id < before, *sought.conditions())
    return list(conn.execute(query.order_by(approval.c.id.desc()).limit(limit)))


def _requests() -> Select[Any]:
    return (
        select(
            approval,
            agency.c.path,
            agency.c.name.label("agency_name"),
            version.c.bulletin_id,
            _drafter.c.name.label("drafted_by"),
            _asker.c.name.label("asked_by"),
            _decider.c.name.label("decided_by_name"),
            _decider.c.office.label("decided_by_office"),
            _confirmer.c.name.label("confirmed_by_name"),
            dispatch.c.id.label("dispatch_id"),
            dispatch.c.state.label("dispatch_state"),
        )
        .join(version, version.c.id == approval.c.version_id)
        .join(bulletin, bulletin.c.id == version.c.bulletin_id)
        .join(agency, agency.c.id == bulletin.c.agency_id)
        .join(_asker, _asker.c.id == approval.c.submitted_by)
        .outerjoin(_edited, _edited.c.id == approval.c.edited_from)
        .join(_drafter, _drafter.c.id == version.c.created_by)
        .outerjoin(_decider, _decider.c.id == approval.c.decided_by)
        .outerjoin(_confirmer, _confirmer.c.id == approval.c.confirmed_by)
        .outerjoin(dispatch, dispatch.c.approval_id == approval.c.id)
    )
