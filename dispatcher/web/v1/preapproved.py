"""Pre-approved texts: proposed and approved by day."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from dispatcher.decide_preapproved import decide_preapproved
from dispatcher.domain import authority
from dispatcher.domain.canonical import plain
from dispatcher.domain.preapproved import Preapproved, parse
from dispatcher.ledger import desk, preapproved
from dispatcher.ledger.handles import Row
from dispatcher.ledger.preapproved import State
from dispatcher.propose_preapproved import propose_preapproved
from dispatcher.web import access
from dispatcher.web.access import NEWEST, Here, Me
from dispatcher.web.v1.documents import BODY_IN_ADVANCE, Document
from dispatcher.web.v1.shapes import Before, Limit, Number
from dispatcher.withdraw_preapproved import withdraw_preapproved

router = APIRouter(prefix="/preapproved", tags=["approvals"])


class Text(BaseModel):
    """A text. ``content`` as a bulletin's version, without its blanks; ``longest_ms``: validity.

    ``blanks``: name and ``longest`` characters, or ``choices``, each texts by language.
    """

    id: int
    agency: str
    name: str
    kind: str
    level: str
    state: str
    content: dict[str, Any]
    blanks: list[dict[str, Any]]
    channels: list[str]
    longest_ms: int
    until_at: int | None
    digest: str
    proposed_at: int
    decided_at: int | None


class Page(BaseModel):
    """``next``: pass it as ``before`` for the next page; null on the last one."""

    items: list[Text]
    next: int | None


class Verdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


class Decision(BaseModel):
    decision: Verdict


def _text(here: Here, me: Me, document: Document) -> Preapproved:
    """The text of the request, for those who may propose one."""
    authority.require("submit", me.roles)
    with here.ledger.read() as conn:
        now = desk.now(conn)
    return parse(document, here.authoring.kinds, now)


@router.get("")
def list_texts(here: Here, me: Me, before: Before = None, limit: Limit = 50) -> Page:
    """Texts of your agency and those below it, newest first."""
    with here.ledger.read() as conn:
        rows = preapproved.page_of(conn, me.path, before or NEWEST, limit)
    items = [_shown(row) for row in rows]
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.post("", status_code=201, openapi_extra=BODY_IN_ADVANCE)
def propose_text(here: Here, me: Me, text: Annotated[Preapproved, Depends(_text)]) -> Text:
    """Ask for approval of a text with blanks, as JSON or TOML (docs/approval.md)."""
    number = propose_preapproved(here.ledger, here.authoring, me, text)
    return _load(here, me, number)


@router.get("/{text}")
def get_text(here: Here, me: Me, text: Number) -> Text:
    return _load(here, me, text)


@router.post("/{text}/decision")
def decide_on_text(here: Here, me: Me, text: Number, asked: Decision) -> Text:
    """Approve or return. Who proposed it cannot (four eyes)."""
    _load(here, me, text)
    decide_preapproved(here.ledger, me, text, State(asked.decision.value))
    return _load(here, me, text)


@router.post("/{text}/withdrawal")
def withdraw_text(here: Here, me: Me, text: Number) -> Text:
    """Let nobody release it any more."""
    _load(here, me, text)
    withdraw_preapproved(here.ledger, me, text)
    return _load(here, me, text)


def _load(here: Here, me: Me, number: int) -> Text:
    with here.ledger.read() as conn:
        return _shown(access.preapproved(conn, me, number))


def _shown(row: Row[Any]) -> Text:
    kept = preapproved.value(row)
    return Text(
        id=row.id,
        agency=row.agency_name,
        name=row.name,
        kind=row.kind,
        level=kept.content.level.value,
        state=row.state,
        content=plain(kept.content),
        blanks=row.blanks,
        channels=row.channels,
        longest_ms=row.longest_ms,
        until_at=row.until_at,
        digest=bytes(row.digest).hex(),
        proposed_at=row.proposed_at,
        decided_at=row.decided_at,
    )
