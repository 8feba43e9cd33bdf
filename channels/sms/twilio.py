"""SMS through Twilio's Messages resource.

https://www.twilio.com/docs/messaging/api/message-resource. Twilio does not echo a reference of
ours in its records and does not drop repeats: the reference travels in the callback's URL, and a
send whose answer is lost cannot be asked about.
"""

import base64
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from twilio.request_validator import RequestValidator

from channels import http_errors, incoming
from channels.base import BadSignature, Malformed
from channels.door import Door, Lost, Reply, Request
from channels.redaction import redacted
from channels.sms import twilio_codes as codes
from channels.sms.twilio_sdk import Messages
from dispatcher.domain.errors import BadAddress, Failure
from dispatcher.domain.model import (
    Accepted,
    AddressKind,
    Callback,
    InboundMessage,
    Outcome,
    Parcel,
    Reference,
    Refused,
    Shape,
    StatusEvent,
    TargetKind,
    Traits,
    Unclear,
    Unit,
)
from dispatcher.domain.phone import canonical_mobile
from dispatcher.domain.status import Reason, Status

_API = "2010-04-01"

#: Seconds a message may wait at Twilio; beyond that it refuses the request (error 21624).
_VALIDITY = range(1, 36_001)

TRAITS = Traits(
    channel="sms",
    unit=Unit.PERSON,
    target=TargetKind.ADDRESS,
    address=AddressKind.PHONE,
    shape=Shape.TEXT,
    receipts=True,
    idempotent=False,
    public=False,
    sends=("phone", "text"),
    country="US",
)


class TwilioSettings(BaseModel):
    """One Twilio account. Give ``sender`` (number or registered name) or ``messaging_service``.

    ``callback_url`` is this route's public callback address, exactly as Twilio will call it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    account_sid: str = Field(pattern=r"^AC[0-9a-f]{32}$")
    auth_token: SecretStr
    sender: str = ""
    messaging_service: str = ""
    base_url: str = "https://api.twilio.com"
    callback_url: str
    timeout_s: float = Field(default=10.0, gt=0)
    connections: int = Field(default=32, gt=0)

    @model_validator(mode="after")
    def _one_sender(self) -> "TwilioSettings":
        if bool(self.sender) == bool(self.messaging_service):
            raise ValueError("give either sender or messaging_service")
        return self


class Twilio:
    """A Channel that can also cancel, and look up messages by the names Twilio gave them."""

    def __init__(
        self, settings: TwilioSettings, door: Door, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings, self._door, self._clock = settings, door, clock
        token = settings.auth_token.get_secret_value()
        basic = base64.b64encode(f"{settings.account_sid}:{token}".encode()).decode()
        self._headers = (
            f"Authorization: Basic {basic}",
            "Content-Type: application/x-www-form-urlencoded",
            "Accept: application/json",
        )
        account = f"{_API}/Accounts/{settings.account_sid}"
        self._url = f"{settings.base_url.rstrip('/')}/{account}/Messages.json"
        self._sender = (
            {"From": settings.sender}
            if settings.sender
            else {"MessagingServiceSid": settings.messaging_service}
        )
        self._common = lru_cache(maxsize=1024)(self._encoded)
        self._validator = RequestValidator(token)
        self._messages = Messages(settings.account_sid, token, settings.base_url, door)

    @property
    def traits(self) -> Traits:
        return TRAITS

    def check(self, address: str) -> str:
        """The mobile number as E.164. Raises BadAddress for fixed lines too."""
        return canonical_mobile(address)

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[int, Outcome]]:
        """One POST per parcel; outcomes in the order in which Twilio answers."""
        now = self._clock()
        requests = [(parcel.not_before, self._request(parcel, now)) for parcel in parcels]
        for index, answer in self._door.exchange(requests):
            yield index, self._outcome(answer)

    def receipts(self, callback: Callback) -> Sequence[StatusEvent]:
        """The event of one status callback; signed over the exact URL and the form's fields."""
        fields = self._signed(callback)
        ref = Reference.parse(incoming.query(callback).get("ref", ""))
        word, code = fields.get("MessageStatus", ""), fields.get("ErrorCode", "")
        return [_event(ref, fields.get("MessageSid", ""), word, code)]

    @property
    def thanks(self) -> tuple[str, bytes]:
        """TwiML that sends nothing back."""
        return "text/xml", b'<?xml version="1.0" encoding="UTF-8"?><Response/>'

    def inbound(self, callback: Callback) -> Sequence[InboundMessage]:
        """One message a person sent to our number (Twilio's incoming message webhook)."""
        fields = self._signed(callback)
        try:
            sender = self.check(fields.get("From", ""))
        except BadAddress:
            raise Malformed("the sender is not a mobile number") from None
        return [InboundMessage(sender, fields.get("Body", ""))]

    def _signed(self, callback: Callback) -> dict[str, str]:
        """The form's fields, when Twilio signed them together with the exact URL."""
        fields = incoming.form(callback)
        signature = incoming.header(callback, "X-Twilio-Signature")
        if not self._validator.validate(callback.url, fields, signature):
            raise BadSignature("X-Twilio-Signature does not match")
        return fields

    def ask_about(self, provider_refs: Sequence[str]) -> Iterator[StatusEvent]:
        """What Twilio's records say about messages by their SIDs; silence about unknown ones."""
        for found in self._messages.look_up(provider_refs):
            yield _event(None, found.sid, found.status, found.error_code)

    def cancel(self, provider_refs: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """Stop messages that Twilio has not passed on yet."""
        return self._messages.cancel(provider_refs)

    def _request(self, parcel: Parcel, now: float) -> Request:
        fields = {"To": parcel.address, "StatusCallback": self._callback(parcel.ref)}
        if parcel.valid_until:
            fields["ValidityPeriod"] = str(_validity(parcel.valid_until / 1000 - now))
        form = f"{urlencode(fields)}&{self._common(parcel.payload.text)}"
        return Request("POST", self._url, self._headers, form.encode())

    def _encoded(self, text: str) -> str:
        """What is the same in the forms of all who get the same text; kept, as it costs most."""
        return urlencode({"Body": text, **self._sender})

    def _callback(self, ref: Reference) -> str:
        url = self._settings.callback_url
        return f"{url}{'&' if '?' in url else '?'}ref={ref}"

    def _outcome(self, answer: Reply | Lost) -> Outcome:
        if isinstance(answer, Lost):
            return http_errors.lost(answer)
        body = http_errors.said(answer)
        if answer.status // 100 == 2:
            sid = body.get("sid")
            return (
                Accepted(sid, parts=_segments(body))
                if isinstance(sid, str) and sid
                else http_errors.refusal(answer, self._clock())
            )
        code = body.get("code")
        if isinstance(code, int) and not isinstance(code, bool):
            return self._refusal(answer, code, str(body.get("message", "")))
        return http_errors.refusal(answer, self._clock())

    def _refusal(self, answer: Reply, code: int, words: str) -> Refused | Unclear:
        unlisted = http_errors.failure(answer, self._clock())
        meaning = codes.REFUSED.get(code, http_errors.Meaning(unlisted.reason, unlisted.again))
        failure = Failure(
            meaning.reason,
            again=meaning.again,
            after=http_errors.retry_after(answer, self._clock()) if meaning.again else None,
            code=str(code),
            words=redacted(words),
        )
        return Unclear(failure) if code in codes.MAY_BE_SENT else Refused(failure)


def _event(ref: Reference | None, sid: str, word: str, code: str) -> StatusEvent:
    """The event of one status word. No time: the carrier's own, where given, has no zone."""
    if word not in codes.STATUSES:
        raise Malformed("a message status that is not known")
    status, evidence = codes.STATUSES[word]
    reason = _REASONS.get(status, Reason.NONE)
    if status is Status.FAILED:
        number = int(code) if code.isascii() and code.isdigit() else 0
        reason = codes.NOT_DELIVERED.get(number, Reason.PROVIDER_ERROR)
        status = Status.EXPIRED if reason is Reason.DEADLINE else status
    return StatusEvent(ref, status, reason, evidence, provider_ref=sid, code=code, words=word)


_REASONS = {Status.CANCELLED: Reason.CANCELLED_BY_PERSON}


def _validity(seconds: float) -> int:
    return min(max(int(seconds), _VALIDITY.start), _VALIDITY.stop - 1)


def _segments(body: Mapping[str, Any]) -> int:
    """Billable parts; a messaging service says 0 until it has chosen a sender."""
    told = str(body.get("num_segments", ""))
    return max(1, int(told[:3])) if told.isascii() and told.isdigit() else 1
