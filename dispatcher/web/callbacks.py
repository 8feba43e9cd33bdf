"""Where providers report. Verify, keep, ring, answer at once: folding is ``track``'s work."""

import hashlib
import logging
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from channels.base import BadSignature, Channel, Inbound, Malformed
from dispatcher.answer import answer
from dispatcher.bootstrap import Runtime
from dispatcher.domain.errors import NotFound, Unauthorised
from dispatcher.domain.model import Callback, StatusEvent
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger.refusals import note
from dispatcher.web.access import Here
from dispatcher.web.intake import Intake
from dispatcher.web.refusals import Refusals

log = logging.getLogger(__name__)

router = APIRouter(prefix="/callbacks", include_in_schema=False)

RouteId = Annotated[int, Path(ge=1, le=2**63 - 1)]


async def _callback(request: Request) -> Callback:
    """The request as a channel judges it. ``url`` is the public one, which providers sign."""
    query = request.scope["query_string"].decode("latin-1")
    public = request.app.state.runtime.settings.public_url
    return Callback(
        method=request.method,
        url=f"{public}{request.scope['path']}{'?' if query else ''}{query}",
        headers=dict(request.headers),
        body=await request.body(),
    )


def _refusals(request: Request) -> Refusals:
    found: Refusals = request.app.state.refusals
    return found


def _intake(request: Request) -> Intake:
    found: Intake = request.app.state.intake
    return found


Came = Annotated[Callback, Depends(_callback)]
Counted = Annotated[Refusals, Depends(_refusals)]
Taken = Annotated[Intake, Depends(_intake)]


@router.api_route("/{route}", methods=["GET", "POST"])
def receive_receipt(
    here: Here, route: RouteId, came: Came, refusals: Counted, intake: Taken
) -> Response:
    """A provider's later word about deliveries."""
    channel = _channel(here, route)
    try:
        events = channel.receipts(came)
    except BadSignature:
        raise _unsigned(here, route, refusals) from None
    except Malformed:
        log.warning("route %s: a signed callback cannot be read; it is kept, sealed", route)
        events = [_unreadable(came)]
    if events:
        intake.keep(route, events, _raw(came))
    return Response(status_code=200 if events else 204)


@router.api_route("/{route}/inbound", methods=["GET", "POST"])
def receive_message(here: Here, route: RouteId, came: Came, refusals: Counted) -> Response:
    """What a person replied."""
    channel = _channel(here, route)
    kind = channel.traits.address
    if not isinstance(channel, Inbound) or kind is None:
        raise _no_route()
    try:
        messages = channel.inbound(came)
    except BadSignature:
        raise _unsigned(here, route, refusals) from None
    except Malformed:
        log.warning("route %s: a signed message cannot be read", route)
        messages = []
    for each in messages:
        answer(here.ledger, here.queue, channel.traits.channel, kind, each.sender, each.text)
    media_type, body = channel.thanks
    return Response(body, media_type=media_type)


def _channel(here: Runtime, route_id: int) -> Channel:
    found = here.switchboard.by_number(route_id)
    if found is None:
        raise _no_route()
    return found


def _raw(came: Callback) -> bytes:
    """What is kept sealed for people: the query carries what GET callbacks say."""
    query = came.url.partition("?")[2].encode()
    return query + b"\n" + came.body


def _unreadable(came: Callback) -> StatusEvent:
    """A word without a delivery; the hash keeps two different ones from being taken for one."""
    named = hashlib.sha256(_raw(came)).hexdigest()[:32]
    return StatusEvent(
        None, Status.UNKNOWN, evidence=Evidence.NONE, provider_ref=named, code="malformed"
    )


def _unsigned(here: Runtime, route: int, refusals: Refusals) -> Unauthorised:
    refusals.count(route)
    note(here.ledger, "callback", f"route:{route}", "bad_signature")
    log.warning("route %s: a callback without its provider's signature", route)
    return Unauthorised("bad_signature", "Chữ ký không đúng.", "The signature is wrong.")


def _no_route() -> NotFound:
    return NotFound("not_found", "Không có ở đây.", "There is nothing here.")
