"""Deliveries: the unit of truth, with everything that led to where it stands."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel

from dispatcher.domain.discretion import told
from dispatcher.domain.model import TargetKind, Unit
from dispatcher.domain.status import Evidence, Reason, Status
from dispatcher.ledger import dispatches, history, people, reading
from dispatcher.ledger.handles import Connection, Row
from dispatcher.ledger.transition import Place
from dispatcher.web import access
from dispatcher.web.access import Here, Me
from dispatcher.web.v1.shapes import After, Limit, Number

router = APIRouter(prefix="/dispatches/{dispatch}/deliveries", tags=["deliveries"])

Word = StrEnum("Word", {status.name: status.word for status in Status})  # type: ignore[misc]


Tell = Callable[[Status, Evidence], tuple[Status, Evidence]]


class Delivery(BaseModel):
    """One channel × one target. ``target``: a masked address, a cluster's name, an order's number.

    A citizen's does not tell its language, or that it was seen; a responsible person's does.

    Times in epoch ms. ``provider_ref``: the provider's own name for it.
    """

    id: int
    channel: str
    unit: Unit
    target: str
    lang: str | None
    status: str
    reason: str
    evidence: str
    attempt: int
    route: int | None
    parts: int
    provider_ref: str | None
    updated_at: int
    next_attempt_at: int | None


class Page(BaseModel):
    """``next``: pass it as ``after`` for the next page; null on the last one."""

    items: list[Delivery]
    next: int | None


class Attempt(BaseModel):
    """An earlier try."""

    attempt: int
    route: int | None
    provider_ref: str | None
    status: str
    reason: str
    evidence: str
    parts: int
    ended_at: int


class Receipt(BaseModel):
    """A later word: the other side's code, and how we read it. Never its raw form."""

    attempt: int | None
    code: str
    status: str
    reason: str
    evidence: str
    at: int
    received_at: int
    folded: bool


class Entry(BaseModel):
    """One entry of the ledger about this delivery. ``page``: the page that holds it."""

    n: int
    page: int
    attempt: int
    before: str
    after: str
    reason: str
    evidence: str
    route: int
    actor: int
    at: int


class Full(Delivery):
    """A delivery with its earlier attempts, the words about it and its history."""

    attempts: list[Attempt]
    receipts: list[Receipt]
    history: list[Entry]


@router.get("")
def list_deliveries(  # noqa: PLR0917 - the query as the API describes it
    here: Here,
    me: Me,
    dispatch: Number,
    channel: Annotated[str | None, Query(max_length=40)] = None,
    status: Word | None = None,
    after: After = 0,
    limit: Limit = 50,
) -> Page:
    """Deliveries of a dispatch by id, as they stand now."""
    chosen = Status[status.name] if status else None
    with here.ledger.read() as conn:
        parent = access.dispatch(conn, me, dispatch)
        spot = Place(parent.id, parent.part)
        rows = dispatches.deliveries_page(
            conn, spot, after=after, limit=limit, channel=channel, status=chosen
        )
        items = _deliveries(conn, here.traits, rows)
    return Page(items=items, next=rows[-1].id if len(rows) == limit else None)


@router.get("/{delivery}")
def get_delivery(here: Here, me: Me, dispatch: Number, delivery: Number) -> Full:
    """One delivery with its attempts, what was said about it, and its ledger entries."""
    with here.ledger.read() as conn:
        spot, row = access.delivery(conn, me, dispatch, delivery)
        (shown,) = _deliveries(conn, here.traits, [row])
        tell = _teller(conn, [row])(row)
        return Full(
            **shown.model_dump(),
            attempts=[_attempt(each, tell) for each in reading.attempts_of(conn, spot, row.id)],
            receipts=[
                _receipt(each, tell)
                for each in reading.receipts_of(conn, dispatch, row.id)
                if tell is not told or each.status != Status.SEEN
            ],
            history=[
                _entry(each, tell)
                for each in history.of_delivery(conn, row)
                if tell is not told or each.after is not Status.SEEN
            ],
        )


def _deliveries(
    conn: Connection, traits: Mapping[str, Any], rows: Sequence[Row[Any]]
) -> list[Delivery]:
    names = reading.target_names(conn, rows)
    teller = _teller(conn, rows)
    return [
        Delivery(
            id=row.id,
            channel=row.channel,
            unit=traits[row.channel].unit,
            target=names.get((row.target_kind, row.target_id), TargetKind(row.target_kind).name),
            lang=None if teller(row) is told else row.lang,
            **_words(row, teller(row)),
            attempt=row.attempt,
            route=row.route_id,
            parts=row.parts,
            provider_ref=row.provider_ref,
            updated_at=_hour(row, teller(row)),
            next_attempt_at=row.next_attempt_at,
        )
        for row in rows
    ]


def _teller(conn: Connection, rows: Sequence[Row[Any]]) -> Callable[[Row[Any]], Tell]:
    """How each of these deliveries is told: a citizen's with discretion, others as they are."""
    persons = {row.contact_id for row in rows if row.contact_id}
    duty = {each.id for each in people.responsible(conn, list(persons))}

    def teller(row: Row[Any]) -> Tell:
        citizen = row.target_kind == TargetKind.ADDRESS and row.contact_id not in duty
        return told if citizen else _as_it_is

    return teller


def _as_it_is(status: Status, evidence: Evidence) -> tuple[Status, Evidence]:
    return status, evidence


def _words(row: Row[Any], tell: Tell) -> dict[str, str]:
    status, evidence = tell(Status(row.status), Evidence(row.evidence))
    return {
        "status": status.word,
        "reason": Reason(row.reason).code,
        "evidence": evidence.word,
    }


def _hour(row: Row[Any], tell: Tell) -> int:
    """When it last moved. Of a citizen whom it reached 0: a later hour says that they have read."""
    reached = row.status in {Status.DELIVERED, Status.SEEN}
    return 0 if tell is told and reached else int(row.updated_at)


def _attempt(row: Row[Any], tell: Tell) -> Attempt:
    return Attempt(
        attempt=row.attempt,
        route=row.route_id,
        provider_ref=row.provider_ref,
        **_words(row, tell),
        parts=row.parts,
        ended_at=row.ended_at,
    )


def _receipt(row: Row[Any], tell: Tell) -> Receipt:
    return Receipt(
        attempt=row.attempt,
        code=row.code,
        **_words(row, tell),
        at=row.at,
        received_at=row.received_at,
        folded=row.state != 0,
    )


def _entry(each: history.Entry, tell: Tell) -> Entry:
    before, _ = tell(each.before, each.evidence)
    after, evidence = tell(each.after, each.evidence)
    return Entry(
        n=each.n,
        page=each.page,
        attempt=each.attempt,
        before=before.word,
        after=after.word,
        reason=each.reason.code,
        evidence=evidence.word,
        route=each.route,
        actor=each.actor,
        at=each.at,
    )
