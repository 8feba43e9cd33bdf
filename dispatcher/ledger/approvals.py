"""Approvals: requests, decisions, confirmations; and the proof that a row is what was entered."""

import json
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from dispatcher.domain.approvals import STARTABLE, State, VerbalOrder, Way, confirm_by, unproven
from dispatcher.ledger import entered, entries
from dispatcher.ledger.bulletins import Saved
from dispatcher.ledger.entries import canonical
from dispatcher.ledger.tables import approval

#: State → the acts that bring an approval there, as a request or decided at once.
_ENTERED_BY: Mapping[State, tuple[str, ...]] = {
    State.SUBMITTED: ("propose",),
    State.APPROVED: ("approve", "revise", "release"),
}


#: After one of these, whatever the row says, nothing of it may start.
_GONE = ("pull_back", "supersede", "return")


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided, and in which way. ``at`` in epoch ms.

    ``order`` goes with ``VERBAL``, ``signatory`` (name and office) with ``ON_BEHALF``.
    """

    state: State
    by: int
    at: int
    note: str = ""
    way: Way = Way.TWO_PEOPLE
    edited_from: int | None = None
    shift: int | None = None
    preapproved: int | None = None
    order: VerbalOrder | None = None
    signatory: Mapping[str, str] | None = None

    def columns(self) -> dict[str, Any]:
        """As the row has it."""
        return {
            "state": self.state.value,
            "decided_by": self.by,
            "decided_at": self.at,
            "note": self.note,
            "way": self.way.value,
            "edited_from": self.edited_from,
            "shift_id": self.shift,
            "preapproved_id": self.preapproved,
            "verbal_order": asdict(self.order) if self.order else None,
            "signatory": dict(self.signatory) if self.signatory else None,
            "confirm_by": confirm_by(self.way, self.at),
        }

    def facts(self) -> dict[str, Any]:
        """As the log has it: of names and words their commitment only."""
        return {
            "way": self.way.value,
            "note": entries.commitment(self.note.encode()).hex() if self.note else "",
            "edited_from": self.edited_from,
            "shift": self.shift,
            "preapproved": self.preapproved,
            "order": asdict(self.order) if self.order else None,
            "signatory": _committed(self.signatory),
            "confirm_by": confirm_by(self.way, self.at),
        }


def _committed(signatory: Mapping[str, str] | None) -> str:
    return entries.commitment(canonical(dict(signatory))).hex() if signatory else ""


def submit_for_approval(
    conn: Connection, saved: Saved, terms: Mapping[str, Any], author: int, now: int
) -> int:
    """Ask for approval of a version under exactly these terms."""
    return _add(conn, saved, terms, author, now, {"state": State.SUBMITTED.value})


def add_decided(
    conn: Connection, saved: Saved, terms: Mapping[str, Any], asked: int, decision: Decision
) -> int:
    """An approval that is asked for and given in one act. ``asked``: the account that asked."""
    return _add(conn, saved, terms, asked, decision.at, decision.columns())


def _add(
    conn: Connection,
    saved: Saved,
    terms: Mapping[str, Any],
    asked: int,
    at: int,
    columns: Mapping[str, Any],
) -> int:
    return int(
        conn.execute(
            insert(approval)
            .values(
                version_id=saved.version,
                digest=saved.digest,
                terms=canonical(terms),
                submitted_by=asked,
                submitted_at=at,
                **columns,
            )
            .returning(approval.c.id)
        ).scalar_one()
    )


def load(conn: Connection, approval_id: int) -> Row[Any] | None:
    return conn.execute(select(approval).where(approval.c.id == approval_id)).one_or_none()


def lock(conn: Connection, approval_id: int) -> Row[Any] | None:
    """As ``load``; nobody else decides on it or starts it before this transaction ends."""
    query = select(approval).where(approval.c.id == approval_id).with_for_update()
    return conn.execute(query).one_or_none()


def is_approved(conn: Connection, version_id: int, digest: bytes) -> bool:
    """Whether exactly these bytes of a version were approved."""
    query = select(approval.c.id).where(
        approval.c.version_id == version_id,
        approval.c.digest == digest,
        approval.c.state.in_([state.value for state in STARTABLE]),
    )
    return conn.execute(query.limit(1)).first() is not None


def decide(conn: Connection, approval_id: int, decision: Decision) -> bool:
    """Decide on what still waits; False if somebody was quicker."""
    waiting = approval.c.state == State.SUBMITTED.value
    return _set(conn, approval_id, waiting, **decision.columns())


def supersede(conn: Connection, approval_id: int, states: Collection[State]) -> bool:
    """Take what is in one of these states out of use for good; False if it is in another."""
    among = approval.c.state.in_([state.value for state in states])
    return _set(conn, approval_id, among, state=State.SUPERSEDED.value)


def confirm(conn: Connection, approval_id: int, by: int, at: int) -> bool:
    """Enter who confirmed what was released by one person; False if somebody has."""
    due = approval.c.confirm_by.is_not(None) & approval.c.confirmed_at.is_(None)
    return _set(conn, approval_id, due, confirmed_by=by, confirmed_at=at)


def add_symbol(conn: Connection, approval_id: int, symbol: str, by: int, at: int) -> bool:
    """Enter the number of the document that followed, once."""
    empty = approval.c.symbol == ""
    return _set(conn, approval_id, empty, symbol=symbol, symbol_by=by, symbol_at=at)


def escalate(conn: Connection, approval_id: int, at: int) -> bool:
    """Remember that the agency above was told; False if it had been."""
    first = approval.c.escalated_at.is_(None) & approval.c.confirmed_at.is_(None)
    return _set(conn, approval_id, first, escalated_at=at)


def _set(conn: Connection, approval_id: int, condition: Any, **values: Any) -> bool:
    statement = update(approval).where(approval.c.id == approval_id, condition).values(**values)
    return conn.execute(statement).rowcount == 1


def overdue(conn: Connection, before: int) -> list[Row[Any]]:
    """Approvals that should have been confirmed before a moment (epoch ms) and were not."""
    query = select(approval).where(
        approval.c.confirm_by < before,
        approval.c.confirm_by.is_not(None),
        approval.c.confirmed_at.is_(None),
    )
    return list(conn.execute(query.order_by(approval.c.id)))


def facts(row: Row[Any]) -> dict[str, Any]:
    """What every act about an approval repeats: the version, its digest, and the terms."""
    terms: dict[str, Any] = json.loads(row.terms)
    return {"version": row.version_id, "digest": bytes(row.digest).hex(), "plan": terms}


def prove(conn: Connection, row: Row[Any]) -> None:
    """Hold a row against the act that made it what it is. Raises ``Unproven`` naming what differs.

    Rows can be edited by whoever has the database, pages cannot without breaking the log.
    """
    names = _ENTERED_BY.get(State(row.state), ())
    told_by = entered.last(conn, f"approval:{row.id}", (*names, *_GONE)) if names else None
    if told_by is None or told_by["act"] in _GONE:
        raise unproven("state")
    try:
        told = facts(row)
    except ValueError:
        raise unproven("plan") from None
    for name, found in told.items():
        if told_by["facts"].get(name) != found:
            raise unproven(name)
    who = row.decided_by if row.state == State.APPROVED else row.submitted_by
    if told_by["actor"] != who:
        raise unproven("actor")
    if told_by["facts"].get("way", Way.TWO_PEOPLE) != row.way:
        raise unproven("way")
