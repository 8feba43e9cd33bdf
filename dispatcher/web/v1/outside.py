"""Approvals from outside: what a platform or a carrier must agree to before a channel goes out."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from dispatcher.answer_outside import answer_outside
from dispatcher.ask_outside import ask_outside
from dispatcher.ledger import outside
from dispatcher.ledger.handles import Row
from dispatcher.web import access
from dispatcher.web.access import NEWEST, Here, Me
from dispatcher.web.v1.shapes import MOST, Number

router = APIRouter(prefix="/outside-approvals", tags=["approvals"])


class Asked(BaseModel):
    """``subject``: what they approve, e.g. a template's id or a brandname's content."""

    version: Annotated[int, Field(ge=1, le=MOST)]
    channel: Annotated[str, Field(min_length=1, max_length=20)]
    subject: Annotated[str, Field(min_length=1, max_length=200)]


class Said(StrEnum):
    GRANTED = "granted"
    REFUSED = "refused"


class Answer(BaseModel):
    """What was said outside, with their own words."""

    state: Said
    word: Annotated[str, Field(max_length=500)] = ""


class OutsideApproval(BaseModel):
    """``state``: ``waiting`` and ``refused`` hold the channel, ``granted`` frees it."""

    id: int
    version: int
    channel: str
    subject: str
    state: str
    word: str
    asked_at: int
    answered_at: int


class OutsideApprovals(BaseModel):
    """Newest first. ``next``: what to give as ``before`` for the rest, 0 at the end."""

    items: list[OutsideApproval]
    next: int


@router.post("", status_code=201)
def ask(here: Here, me: Me, asked: Asked) -> OutsideApproval:
    """Hold one channel of a version until somebody outside has approved. The others go on."""
    number = ask_outside(here.ledger, me, asked.version, asked.channel, asked.subject)
    with here.ledger.read() as conn:
        return _shown(access.outside_approval(conn, me, number))


@router.get("")
def list_outside(
    here: Here,
    me: Me,
    before: Annotated[int, Query(ge=1, le=MOST)] = NEWEST,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> OutsideApprovals:
    """Those of your agency and the ones below it."""
    with here.ledger.read() as conn:
        rows = outside.page_of(conn, me.path, before, limit)
    more = rows[-1].id if len(rows) == limit else 0
    return OutsideApprovals(items=[_shown(row) for row in rows], next=more)


@router.post("/{outside_approval}/answer")
def answer(here: Here, me: Me, outside_approval: Number, said: Answer) -> OutsideApproval:
    """Record what was said. Granted: the channel goes out at once."""
    with here.ledger.read() as conn:
        access.outside_approval(conn, me, outside_approval)
    granted = said.state is Said.GRANTED
    answer_outside(here.ledger, here.queue, me, outside_approval, granted=granted, word=said.word)
    with here.ledger.read() as conn:
        return _shown(access.outside_approval(conn, me, outside_approval))


def _shown(row: Row[Any]) -> OutsideApproval:
    return OutsideApproval(
        id=row.id,
        version=row.version_id,
        channel=row.channel,
        subject=row.subject,
        state=row.state,
        word=row.word,
        asked_at=row.asked_at,
        answered_at=row.answered_at or 0,
    )
