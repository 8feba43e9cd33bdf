"""Approvals: a version and its terms are put before somebody else, who decides."""

from enum import StrEnum
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, Field

from dispatcher.add_symbol import add_symbol
from dispatcher.approve import approve
from dispatcher.bootstrap import Runtime
from dispatcher.confirm import confirm
from dispatcher.domain import authority
from dispatcher.domain.approvals import State, Way
from dispatcher.domain.audience import Audience
from dispatcher.domain.model import Mode
from dispatcher.domain.wording import reworded
from dispatcher.ledger import bulletins, requests
from dispatcher.ledger.registry import Actor
from dispatcher.ledger.requests import Sought
from dispatcher.propose import propose
from dispatcher.pull_back import pull_back
from dispatcher.revise import revise
from dispatcher.terms import Wish
from dispatcher.web import access
from dispatcher.web.access import NEWEST, Here, Me
from dispatcher.web.once import Key, once
from dispatcher.web.v1.requests import Approval, Changed, differing, shown
from dispatcher.web.v1.shapes import MOST, Before, Limit, Number

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

    def audience(self) -> Audience:
        return Audience(tuple(self.areas), tuple(self.localities), tuple(self.lists))


class Proposal(BaseModel):
    """The terms. ``start_at``: epoch ms, 0 for as soon as it is started; ``budget``: who pays."""

    version: _Id
    audience: Asked
    channels: Annotated[list[str], Field(min_length=1, max_length=10)]
    mode: Mode = Mode.LIVE
    start_at: Annotated[int, Field(ge=0, le=_LATEST)] = 0
    budget: Annotated[str, Field(max_length=200)] = ""


class Verdict(StrEnum):
    APPROVED = "approved"
    RETURNED = "returned"


class Decision(BaseModel):
    """``note``: what the author should know."""

    decision: Verdict
    note: str = Field(default="", max_length=2_000)


_Texts = dict[str, str] | str


class Wording(BaseModel):
    """Only what changes, language by language; an empty text takes one away."""

    title: _Texts = {}
    body: _Texts = {}
    facts: dict[str, _Texts] = {}
    overrides: dict[str, _Texts] = {}
    note: str = Field(default="", max_length=2_000)


class Symbol(BaseModel):
    """Number and symbol of the document that followed, such as ``12/CĐ-UBND``."""

    symbol: Annotated[str, Field(min_length=1, max_length=60)]


class Page(BaseModel):
    """``next``: pass it as ``before`` for the next page; null on the last one."""

    items: list[Approval]
    next: int | None


class Whose(StrEnum):
    """``mine``: what I drafted or submitted; ``waiting``: what I may decide on."""

    MINE = "mine"
    WAITING = "waiting"


class Filter(BaseModel):
    """What to list; nothing given: everything."""

    state: State | None = None
    way: Way | None = None
    whose: Whose | None = None
    unconfirmed: bool = False

    def sought(self, me: Actor) -> Sought:
        return Sought(
            state=self.state or "",
            way=self.way or "",
            unconfirmed=self.unconfirmed,
            mine=me.account if self.whose is Whose.MINE else 0,
            waits_for=me.account if self.whose is Whose.WAITING else 0,
        )


@router.get("")
def list_approvals(
    here: Here,
    me: Me,
    asked: Annotated[Filter, Depends()],
    before: Before = None,
    limit: Limit = 50,
) -> Page:
    """Requests of your agency and those below it, newest first.

    `unconfirmed`: released by one person and not confirmed by another.
    """
    with here.ledger.read() as conn:
        rows = requests.page_of(
            conn, me.path, asked.sought(me), before=before or NEWEST, limit=limit
        )
    items = [shown(row) for row in rows]
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.post("", status_code=201)
def propose_version(here: Here, me: Me, asked: Proposal) -> Approval:
    """Submit a version for approval. Audience and cost are counted now; both are approved too."""
    authority.require("submit", me.roles)
    with here.ledger.read() as conn:
        access.lists(conn, me, asked.audience.lists)
    wish = Wish(asked.audience.audience(), asked.channels, asked.mode, asked.start_at, asked.budget)
    return _load(here, me, propose(here.ledger, here.traits, me, asked.version, wish))


@router.get("/{approval}")
def get_approval(here: Here, me: Me, approval: Number) -> Approval:
    return _load(here, me, approval)


@router.get("/{approval}/difference")
def get_difference(here: Here, me: Me, approval: Number) -> Changed:
    """What an approver changed, word by word; empty unless it was edited and approved."""
    with here.ledger.read() as conn:
        return differing(conn, access.approval(conn, me, approval))


@router.post("/{approval}/decision")
def decide(here: Here, me: Me, approval: Number, asked: Decision) -> Approval:
    """Approve or return. Author and submitter cannot (four eyes)."""
    _load(here, me, approval)
    approve(here.ledger, me, approval, note=asked.note, decision=asked.decision.value)
    return _load(here, me, approval)


@router.post("/{approval}/revision", status_code=201)
def revise_and_approve(
    here: Here, me: Me, approval: Number, key: Key, asked: Wording, response: Response
) -> Approval:
    """Change the wording of what somebody else drafted and approve it: another approval's number.

    The one that waited is superseded, and the difference can be read by its drafter.
    """
    row = _load(here, me, approval)
    authority.require("approve", me.roles)
    with here.ledger.read() as conn:
        before = bulletins.content_of(conn, row.version)
    written = reworded(before, asked.model_dump(exclude={"note"}, exclude_defaults=True))

    def act() -> dict[str, int]:
        made = revise(here.ledger, here.authoring, me, approval, written, note=asked.note)
        return {"id": made}

    body = f"POST /v1/approvals/{approval}/revision {asked.model_dump_json()}".encode()
    answer, repeated = once(here.ledger, me, key, body, act)
    if repeated:
        response.headers["Idempotent-Replayed"] = "true"
    return _load(here, me, answer["id"])


@router.post("/{approval}/pull-back")
def pull_approval_back(here: Here, me: Me, approval: Number) -> Approval:
    """Take back what you submitted, before anything has started."""
    _load(here, me, approval)
    pull_back(here.ledger, me, approval)
    return _load(here, me, approval)


@router.post("/{approval}/confirmation")
def confirm_release(here: Here, me: Me, approval: Number) -> Approval:
    """Confirm what one person released. Whoever had a hand in it cannot."""
    _load(here, me, approval)
    confirm(here.ledger, me, approval)
    return _load(here, me, approval)


@router.post("/{approval}/symbol")
def add_document_symbol(here: Here, me: Me, approval: Number, asked: Symbol) -> Approval:
    """Enter the number of the document that followed. Once; the text that went out stays."""
    _load(here, me, approval)
    add_symbol(here.ledger, me, approval, asked.symbol)
    return _load(here, me, approval)


def _load(here: Runtime, me: Actor, approval: int) -> Approval:
    with here.ledger.read() as conn:
        return shown(access.approval(conn, me, approval))
