"""An approval as the API shows it, and the difference that an approver made."""

import json
from typing import Any

from pydantic import BaseModel

from dispatcher.domain import difference
from dispatcher.domain.approvals import State, stage
from dispatcher.domain.difference import Change, Fate
from dispatcher.domain.model import DispatchState
from dispatcher.ledger import bulletins
from dispatcher.ledger.handles import Connection, Row


class Order(BaseModel):
    """A verbal order: the account that gave it, when (epoch ms) and by which means."""

    by: int
    at: int
    how: str


class Signatory(BaseModel):
    """Who answered for it in the agency above."""

    name: str
    office: str


class Approval(BaseModel):
    """A request for approval. ``digest`` and ``terms`` are what the decision is bound to.

    ``stage``: the state, or what its dispatch makes of it (``scheduled``, ``started``). ``way``:
    how it came to be approved. ``confirm_by``: until when another approver confirms; null when
    nobody has to. ``symbol``: the number of the document that followed. Times in epoch ms.
    """

    id: int
    agency: str
    bulletin: int
    version: int
    digest: str
    terms: dict[str, Any]
    state: str
    stage: str
    way: str
    drafted_by: str
    asked_by: str
    asked_at: int
    decided_by: str | None
    decided_by_office: str | None
    decided_at: int | None
    note: str
    edited_from: int | None
    shift: int | None
    preapproved: int | None
    order: Order | None
    signatory: Signatory | None
    confirm_by: int | None
    confirmed_by: str | None
    confirmed_at: int | None
    escalated_at: int | None
    symbol: str
    dispatch: int | None


class Piece(BaseModel):
    """A run of words; all but the added make the old text, all but the removed the new."""

    fate: Fate
    text: str


class Field(BaseModel):
    """One field that changed, by its path: ``body.vi``, ``facts.where.vi``."""

    field: str
    pieces: list[Piece]


class Changed(BaseModel):
    """``before`` and ``after``: versions; null and equal when nobody edited."""

    before: int | None
    after: int
    fields: list[Field]


def shown(row: Row[Any]) -> Approval:
    """A row of ``ledger.requests`` for people and programs."""
    started = DispatchState(row.dispatch_state) if row.dispatch_state else None
    return Approval(
        id=row.id,
        agency=row.agency_name,
        bulletin=row.bulletin_id,
        version=row.version_id,
        digest=bytes(row.digest).hex(),
        terms=json.loads(row.terms),
        state=row.state,
        stage=stage(State(row.state), started),
        way=row.way,
        drafted_by=row.drafted_by,
        asked_by=row.asked_by,
        asked_at=row.submitted_at,
        decided_by=row.decided_by_name,
        decided_by_office=row.decided_by_office,
        decided_at=row.decided_at,
        note=row.note,
        edited_from=row.edited_from,
        shift=row.shift_id,
        preapproved=row.preapproved_id,
        order=Order(**row.verbal_order) if row.verbal_order else None,
        signatory=Signatory(**row.signatory) if row.signatory else None,
        confirm_by=row.confirm_by,
        confirmed_by=row.confirmed_by_name,
        confirmed_at=row.confirmed_at,
        escalated_at=row.escalated_at,
        symbol=row.symbol,
        dispatch=row.dispatch_id,
    )


def differing(conn: Connection, row: Row[Any]) -> Changed:
    """What the approver of an approval changed."""
    if row.edited_from is None:
        return Changed(before=None, after=row.version_id, fields=[])
    old, new = (bulletins.content_of(conn, each) for each in (row.edited_from, row.version_id))
    fields = [_field(each) for each in difference.between(old, new)]
    return Changed(before=row.edited_from, after=row.version_id, fields=fields)


def _field(change: Change) -> Field:
    pieces = [Piece(fate=each.fate, text=each.text) for each in change.pieces()]
    return Field(field=change.field, pieces=pieces)
