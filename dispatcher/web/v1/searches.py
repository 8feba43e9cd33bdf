"""Searching for auditors. A search is posted: what is typed must not stand in an address."""

from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from dispatcher.books import codes, written
from dispatcher.books.book import numbers
from dispatcher.domain.errors import BadInput
from dispatcher.domain.period import ALWAYS, of_days
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import reading
from dispatcher.ledger.handles import Row
from dispatcher.ledger.search import deliveries, dispatches
from dispatcher.search import Question, search_deliveries, search_dispatches
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import MOST, Limit

router = APIRouter(prefix="/searches", tags=["searches"])

#: Being sent is read from a batch's watermark, not from the delivery: ``pending`` has both.
Outcome = StrEnum(  # type: ignore[misc]
    "Outcome", {each.word: each.word for each in Status if each is not Status.SENDING}
)
Word = StrEnum("Word", {each.word: each.word for each in Evidence})  # type: ignore[misc]

After = Annotated[str, Query(max_length=60, description="`next` of the page before.")]


class Asked(BaseModel):
    """What is looked for, by any combination. ``from``, ``to``: days, both included.

    ``recipient``: a telephone number, mail address or Zalo id; only its keyed hash is used.
    """

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    symbol: str = Field(default="", max_length=100)
    agency: int | None = Field(default=None, ge=1, le=MOST)
    area: str = Field(default="", max_length=10)
    first: str = Field(default="", alias="from", max_length=10)
    last: str = Field(default="", alias="to", max_length=10)
    approver: str = Field(default="", max_length=200)
    recipient: str = Field(default="", max_length=320)
    outcomes: list[Outcome] = Field(default=[], max_length=20)
    evidence: list[Word] = Field(default=[], max_length=20)
    channel: str = Field(default="", max_length=40)

    def question(self) -> Question:
        if bool(self.first) != bool(self.last):
            raise BadInput(
                "half_period",
                "Ghi cả ngày đầu (from) và ngày cuối (to).",
                "Give both days, from and to.",
                field="to" if self.first else "from",
            )
        return Question(
            symbol=self.symbol,
            agency=self.agency,
            area=self.area,
            period=of_days(self.first, self.last) if self.first else ALWAYS,
            approver=self.approver,
            recipient=self.recipient,
            outcomes=[Status[each.name.upper()] for each in self.outcomes],
            evidence=[Evidence[each.name.upper()] for each in self.evidence],
            channel=self.channel,
        )


class Dispatch(BaseModel):
    """A dispatch that was found. Times in epoch ms."""

    id: int
    bulletin: int
    approval: int
    agency: str
    symbol: str
    title: str
    level: str
    state: str
    mode: str
    start_at: int
    finished_at: int | None


class Dispatches(BaseModel):
    items: list[Dispatch]
    next: str | None


class Delivery(BaseModel):
    """A delivery that was found, its target masked."""

    dispatch: int
    id: int
    channel: str
    target: str
    status: str
    reason: str
    evidence: str
    provider_ref: str | None
    updated_at: int


class Deliveries(BaseModel):
    """``next``: not null means there may be more, even where ``items`` is short or empty."""

    items: list[Delivery]
    next: str | None


@router.post("/dispatches")
def find_dispatches(
    here: Here, me: Me, asked: Asked, after: After = "", limit: Limit = 50
) -> Dispatches:
    """Dispatches of the agency and those below it, newest first."""
    before = numbers(after, 2) if after else dispatches.NEWEST
    rows = search_dispatches(here.ledger, me, asked.question(), (before[0], before[1]), limit)
    last = rows[-1] if len(rows) == limit else None
    return Dispatches(
        items=[_dispatch(row) for row in rows],
        next=f"{last.start_at}.{last.id}" if last else None,
    )


@router.post("/deliveries")
def find_deliveries(
    here: Here, me: Me, asked: Asked, after: After = "", limit: Limit = 50
) -> Deliveries:
    """Deliveries of such dispatches, by id within each."""
    before = numbers(after, 3) if after else deliveries.NEWEST
    spot = (before[0], before[1], before[2])
    found = search_deliveries(here.ledger, me, asked.question(), spot, limit)
    with here.ledger.read() as conn:
        names = reading.target_names(conn, found.rows)
    return Deliveries(
        items=[_delivery(row, names) for row in found.rows],
        next=".".join(str(each) for each in found.next) if found.next else None,
    )


def _dispatch(row: Row[Any]) -> Dispatch:
    return Dispatch(
        id=row.id,
        bulletin=row.bulletin_id,
        approval=row.approval_id,
        agency=row.agency_name,
        symbol=written.symbol(row.content, row.later_symbol),
        title=written.title(row.content),
        level=row.level,
        state=row.state,
        mode=row.mode,
        start_at=row.start_at,
        finished_at=row.finished_at,
    )


def _delivery(row: Row[Any], names: dict[tuple[int, int], str]) -> Delivery:
    status, evidence = codes.standing(row)
    return Delivery(
        dispatch=row.dispatch_id,
        id=row.id,
        channel=row.channel,
        target=names.get((row.target_kind, row.target_id), ""),
        status=status,
        reason=codes.reason(row.reason),
        evidence=evidence,
        provider_ref=row.provider_ref,
        updated_at=row.updated_at,
    )
