"""Approvals: a version and its terms are put before somebody else, who decides."""

import json
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dispatcher.approve import approve
from dispatcher.bootstrap import Runtime
from dispatcher.domain import authority
from dispatcher.domain.audience import Audience
from dispatcher.domain.model import Mode
from dispatcher.ledger.handles import Row
from dispatcher.ledger.registry import Actor
from dispatcher.propose import propose
from dispatcher.terms import Wish
from dispatcher.web import access
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import MOST, Number

router = APIRouter(prefix="/approvals", tags=["approvals"])

_Id = Annotated[int, Field(ge=1, le=MOST)]
_Ids = Annotated[list[_Id], Field(max_length=500)]
_Code = Annotated[str, Field(min_length=1, max_length=5)]

#: The year 2100 in epoch ms: nothing is planned beyond.
_LATEST = 4_102_444_800_000


class Asked(BaseModel):
    """Who is meant: areas with everything below them, localities, lists, added together."""

    areas: Annotated[list[_Code], Field(max_length=4_000)] = []
    localities: _Ids = []
    lists: _Ids = []


class Proposal(BaseModel):
    """The terms. ``start_at``: epoch ms, 0 for as soon as it is started."""

    version: _Id
    audience: Asked
    channels: Annotated[list[str], Field(min_length=1, max_length=10)]
    mode: Mode = Mode.LIVE
    start_at: Annotated[int, Field(ge=0, le=_LATEST)] = 0


class Verdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


class Decision(BaseModel):
    """``note``: what the author should know."""

    decision: Verdict
    note: str = Field(default="", max_length=2_000)


class Approval(BaseModel):
    """A request for approval. ``digest`` and ``terms`` are what the decision is bound to."""

    id: int
    bulletin: int
    version: int
    digest: str
    terms: dict[str, Any]
    state: str
    asked_by: str
    asked_at: int
    decided_by: str | None
    decided_at: int | None
    note: str


@router.post("", status_code=201)
def propose_version(here: Here, me: Me, asked: Proposal) -> Approval:
    """Submit a version for approval. The audience is counted now; the count is approved too."""
    authority.require("submit", me.roles)
    with here.ledger.read() as conn:
        access.lists(conn, me, asked.audience.lists)
    audience = Audience(
        tuple(asked.audience.areas),
        tuple(asked.audience.localities),
        tuple(asked.audience.lists),
    )
    wish = Wish(audience, asked.channels, asked.mode, asked.start_at)
    return _load(here, me, propose(here.ledger, here.traits, me, asked.version, wish))


@router.get("/{approval}")
def get_approval(here: Here, me: Me, approval: Number) -> Approval:
    return _load(here, me, approval)


@router.post("/{approval}/decision")
def decide(here: Here, me: Me, approval: Number, asked: Decision) -> Approval:
    """Approve or return. Author and submitter cannot (four eyes)."""
    _load(here, me, approval)
    approve(here.ledger, me, approval, note=asked.note, decision=asked.decision.value)
    return _load(here, me, approval)


def _load(here: Runtime, me: Actor, approval: int) -> Approval:
    with here.ledger.read() as conn:
        return _approval(access.approval(conn, me, approval))


def _approval(row: Row[Any]) -> Approval:
    return Approval(
        id=row.id,
        bulletin=row.bulletin_id,
        version=row.version_id,
        digest=bytes(row.digest).hex(),
        terms=json.loads(row.terms),
        state=row.state,
        asked_by=row.asked_by,
        asked_at=row.submitted_at,
        decided_by=row.decided_by_name,
        decided_at=row.decided_at,
        note=row.note,
    )
