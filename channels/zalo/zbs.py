"""Zalo template messages to phone numbers (ZBS, formerly ZNS).

https://developers.zalo.me/docs/zalo-notification-service. Errors come with HTTP 200. Zalo echoes
our reference as ``tracking_id`` but does not drop repeats.
"""

import hmac
import json
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from channels import http_errors, incoming
from channels.base import BadSignature, Malformed
from channels.door import Door, Lost, Reply, Request
from channels.redaction import redacted
from channels.zalo import codes
from channels.zalo.tokens import NoTokenError, TokenSource
from dispatcher.domain.errors import Failure
from dispatcher.domain.model import (
    Accepted,
    AddressKind,
    Callback,
    Outcome,
    Parcel,
    Reference,
    Refused,
    Shape,
    StatusEvent,
    TargetKind,
    Traits,
    Unit,
)
from dispatcher.domain.phone import canonical_mobile
from dispatcher.domain.status import Evidence, Reason, Status

_HANOI = ZoneInfo("Asia/Ho_Chi_Minh")

#: Zalo takes such messages from this hour on.
_MORNING = 6

#: Names of the two fields that newer documents spell differently.
_KEYS = {"snake": ("template_id", "template_data"), "camel": ("templateId", "templateData")}

#: Events about a message: what they mean and which field has their time.
_EVENTS = {
    "user_received_message": Status.DELIVERED,
    "user_seen_message": Status.SEEN,
}

TRAITS = Traits(
    channel="zalo",
    unit=Unit.PERSON,
    target=TargetKind.ADDRESS,
    address=AddressKind.PHONE,
    shape=Shape.TEMPLATE,
    receipts=True,
    idempotent=False,
    public=False,
    sends=("phone", "text"),
    country="VN",
)


class ZbsSettings(BaseModel):
    """One Official Account and the application that acts for it.

    ``signed_with``: the identifier that begins what a webhook's code is computed over; Zalo's
    page says the application's, some accounts get the account's. ``development``: only the
    account's own administrators get messages. ``templates``: our name of a template (as in
    ``templates/messages``) → the number that Zalo gave it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_id: str
    oa_id: str
    oa_secret: SecretStr
    signed_with: Literal["app_id", "oa_id"] = "app_id"
    key_style: Literal["snake", "camel"] = "snake"
    development: bool = False
    templates: Mapping[str, str] = Field(default_factory=dict)
    base_url: str = "https://business.openapi.zalo.me"
    timeout_s: float = Field(default=10.0, gt=0)
    connections: int = Field(default=32, gt=0)


class Zbs:
    """A Channel."""

    def __init__(
        self,
        settings: ZbsSettings,
        door: Door,
        tokens: TokenSource,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._door, self._tokens, self._clock = settings, door, tokens, clock
        self._url = f"{settings.base_url.rstrip('/')}/message/template"
        prefix = settings.app_id if settings.signed_with == "app_id" else settings.oa_id
        self._signed_prefix = prefix.encode()

    @property
    def traits(self) -> Traits:
        return TRAITS

    def check(self, address: str) -> str:
        """The mobile number as E.164. Raises BadAddress."""
        return canonical_mobile(address)

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[int, Outcome]]:
        """One POST per parcel; a refused token is renewed once and its parcels sent again."""
        try:
            token = self._tokens.get()
        except NoTokenError as none:
            yield from ((index, Refused(none.failure)) for index in range(len(parcels)))
            return
        again = []
        for index, outcome in self._pass(token, enumerate(parcels), 0.0):
            if _token_refused(outcome):
                again.append((index, parcels[index]))
            else:
                yield index, outcome
        if again:
            again.sort(key=lambda numbered: numbered[1].not_before)
            yield from self._second_pass(token, again)

    def receipts(self, callback: Callback) -> Sequence[StatusEvent]:
        """The event of one webhook; none for events that are not about a message's way."""
        body = self._verified(callback)
        status = _EVENTS.get(str(body.get("event_name")))
        if status is None:
            return []
        message = body.get("message")
        if not isinstance(message, dict):
            raise Malformed("no message in the event")
        # Zalo's time of the event, not of the webhook, which may be a repeat an hour later.
        at = incoming.moment(message.get("delivery_time") or body.get("timestamp"))
        ref = Reference.parse(str(message.get("tracking_id")))
        provider_ref = str(message.get("msg_id", ""))
        word = str(body["event_name"])
        return [
            StatusEvent(
                ref,
                status,
                evidence=Evidence.PROVIDER,
                provider_ref=provider_ref,
                words=word,
                at=at,
            )
        ]

    def _second_pass(
        self, refused: str, again: Sequence[tuple[int, Parcel]]
    ) -> Iterator[tuple[int, Outcome]]:
        try:
            token = self._tokens.refresh(refused)
        except NoTokenError as none:
            yield from ((index, Refused(none.failure)) for index, _ in again)
            return
        # The slots are past: keep their distances, so that the rate is kept too.
        late = max(0.0, time.monotonic() - again[0][1].not_before)
        yield from self._pass(token, again, late)

    def _pass(
        self, token: str, numbered: Iterable[tuple[int, Parcel]], late: float
    ) -> Iterator[tuple[int, Outcome]]:
        parcels = list(numbered)
        requests = [(p.not_before + late, self._request(p, token)) for _, p in parcels]
        for place, answer in self._door.exchange(requests):
            yield parcels[place][0], self._outcome(answer)

    def _request(self, parcel: Parcel, token: str) -> Request:
        template_id, template_data = _KEYS[self._settings.key_style]
        body = {
            "phone": parcel.address.removeprefix("+"),
            template_id: self._settings.templates.get(
                parcel.payload.template, parcel.payload.template
            ),
            template_data: dict(parcel.payload.params),
            "tracking_id": str(parcel.ref),
        }
        if self._settings.development:
            body["mode"] = "development"
        headers = (f"access_token: {token}", "Content-Type: application/json")
        return Request("POST", self._url, headers, json.dumps(body).encode())

    def _outcome(self, answer: Reply | Lost) -> Outcome:
        if isinstance(answer, Lost):
            return http_errors.lost(answer)
        envelope = http_errors.said(answer)
        error = _error(envelope)
        if error == 0 and answer.status // 100 == 2:
            message_id = _data(envelope).get("msg_id")
            if isinstance(message_id, str) and message_id:
                return Accepted(message_id)
        elif error:
            return Refused(self._failure(error, str(envelope.get("message", ""))))
        return http_errors.refusal(answer, self._clock())

    def _failure(self, code: int, words: str) -> Failure:
        meaning = codes.template_code(code)
        after = _seconds_to_morning(self._clock()) if code in codes.NIGHT else None
        return Failure(meaning.reason, meaning.again, after, str(code), redacted(words))

    def _verified(self, callback: Callback) -> Mapping[str, Any]:
        """The body, once its code is right: plain SHA-256 over application, body, time, secret."""
        try:
            body = incoming.json_object(callback)
        except Malformed:
            raise BadSignature("the body has no time to be signed with") from None
        secret = self._settings.oa_secret.get_secret_value()
        signed = self._signed_prefix + callback.body + f"{body.get('timestamp')}{secret}".encode()
        given = incoming.header(callback, "X-ZEvent-Signature").removeprefix("mac=")
        if not hmac.compare_digest(sha256(signed).hexdigest().encode(), given.encode()):
            raise BadSignature("X-ZEvent-Signature does not match")
        return body


def _token_refused(outcome: Outcome) -> bool:
    if not isinstance(outcome, Refused) or outcome.failure.reason is not Reason.BAD_CREDENTIALS:
        return False
    return outcome.failure.code in map(str, codes.TOKEN_REFUSED)


def _error(envelope: Mapping[str, Any]) -> int | None:
    """The error code, 0 for success; None when it is not an answer of Zalo's."""
    error = envelope.get("error")
    return error if type(error) is int and -100_000 < error <= 0 else None


def _data(envelope: Mapping[str, Any]) -> Mapping[str, Any]:
    data = envelope.get("data")
    return data if isinstance(data, dict) else {}


def _seconds_to_morning(now: float) -> float:
    local = datetime.fromtimestamp(now, _HANOI)
    morning = local.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    if morning <= local:
        morning += timedelta(days=1)
    return (morning - local).total_seconds()
