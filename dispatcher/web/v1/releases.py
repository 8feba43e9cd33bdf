"""Releases by one person: on duty, on a verbal order, on behalf of an agency below."""

from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from dispatcher.domain.approvals import How, VerbalOrder
from dispatcher.domain.content import Signatory as Signing
from dispatcher.domain.preapproved import LONGEST_VALIDITY_MS, to_values
from dispatcher.release import Filling, release
from dispatcher.release_on_behalf import release_on_behalf
from dispatcher.release_verbally import release_verbally
from dispatcher.web import access
from dispatcher.web.access import Here, Me
from dispatcher.web.once import Key, once
from dispatcher.web.v1.approvals import Asked
from dispatcher.web.v1.shapes import MOST, Created, Number

router = APIRouter(tags=["approvals"])

_REPLAYED = "Idempotent-Replayed"


class Filled(BaseModel):
    """``facts``: blank → text, or texts by language; ``valid_ms`` 0: as long as the text may."""

    audience: Asked
    facts: dict[str, dict[str, str] | str] = {}
    valid_ms: Annotated[int, Field(ge=0, le=LONGEST_VALIDITY_MS)] = 0
    channels: Annotated[list[str], Field(max_length=10)] = []


class Released(BaseModel):
    """What was made in one transaction."""

    bulletin: int
    version: int
    approval: int
    dispatch: int


class Order(BaseModel):
    """``by``: the account that gave the order; ``at``: epoch ms, within the last 24 hours."""

    by: Annotated[int, Field(ge=1, le=MOST)]
    at: Annotated[int, Field(ge=0, le=4_102_444_800_000)]
    how: How


class Signatory(BaseModel):
    """Who answers for it in the agency above, with their office."""

    name: Annotated[str, Field(min_length=1, max_length=100)]
    office: Annotated[str, Field(min_length=1, max_length=200)]


@router.post("/preapproved/{text}/release", status_code=201)
def release_text(
    here: Here, me: Me, text: Number, key: Key, asked: Filled, response: Response
) -> Released:
    """On duty: fill a pre-approved text, approve and start it, alone."""
    with here.ledger.read() as conn:
        access.preapproved(conn, me, text)
        access.lists(conn, me, asked.audience.lists)
    filling = Filling(
        text,
        to_values(asked.facts),
        asked.audience.audience(),
        asked.valid_ms,
        tuple(asked.channels),
    )

    def act() -> dict[str, Any]:
        made = release(here.ledger, here.queue, here.traits, here.authoring, me, filling)
        return Released(
            bulletin=made.bulletin,
            version=made.version,
            approval=made.approval,
            dispatch=made.dispatch,
        ).model_dump()

    body = f"POST /v1/preapproved/{text}/release {asked.model_dump_json()}".encode()
    answer, repeated = once(here.ledger, me, key, body, act)
    if repeated:
        response.headers[_REPLAYED] = "true"
    return Released(**answer)


@router.post("/approvals/{approval}/verbal-release", status_code=201)
def release_on_order(
    here: Here, me: Me, approval: Number, key: Key, asked: Order, response: Response
) -> Created:
    """On duty: record a verbal order and start what waits; the answer is the dispatch."""
    with here.ledger.read() as conn:
        access.approval(conn, me, approval)
    order = VerbalOrder(asked.by, asked.at, asked.how)

    def act() -> dict[str, int]:
        started = release_verbally(here.ledger, here.queue, here.traits, me, approval, order)
        return {"id": started}

    body = f"POST /v1/approvals/{approval}/verbal-release {asked.model_dump_json()}".encode()
    answer, repeated = once(here.ledger, me, key, body, act)
    if repeated:
        response.headers[_REPLAYED] = "true"
    return Created(**answer)


@router.post("/approvals/{approval}/release-on-behalf", status_code=201)
def release_for_below(
    here: Here, me: Me, approval: Number, key: Key, asked: Signatory, response: Response
) -> Created:
    """Approve and start what an agency below submitted; the answer is the dispatch."""
    with here.ledger.read() as conn:
        access.approval(conn, me, approval)
    signatory = Signing(asked.name, asked.office)

    def act() -> dict[str, int]:
        started = release_on_behalf(here.ledger, here.queue, here.traits, me, approval, signatory)
        return {"id": started}

    body = f"POST /v1/approvals/{approval}/release-on-behalf {asked.model_dump_json()}".encode()
    answer, repeated = once(here.ledger, me, key, body, act)
    if repeated:
        response.headers[_REPLAYED] = "true"
    return Created(**answer)
