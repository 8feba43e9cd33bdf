"""Announcements that callers hear before the call is answered, ordered from a carrier.

An order is for an area and a period, under a document; the carrier acknowledges it, plays it and
reports. Nothing is sent per person (docs/carrier-orders.md).
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from channels import http_errors, incoming
from channels.base import BadSignature, Malformed
from channels.door import Door, Lost, Reply, Request
from channels.http_errors import Meaning
from channels.redaction import redacted
from channels.ringback import desk, words
from dispatcher.domain.errors import BadAddress, Failure
from dispatcher.domain.model import (
    Accepted,
    Callback,
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
from dispatcher.domain.status import Reason

TRAITS = Traits(
    channel="ringback",
    unit=Unit.ORDER,
    target=TargetKind.ORDER,
    address=None,
    shape=Shape.AUDIO,
    receipts=True,
    idempotent=True,
    public=True,
    batch=20,
    window=5,
    # Carriers report for as long as the announcement runs, and afterwards.
    receipt_window_s=45 * 24 * 3600,
    country="VN",
)

#: The desk's own words for what it will not do.
_REFUSALS = {
    "bad_signature": Meaning(Reason.BAD_CREDENTIALS, again=True),
    "key_not_for_this": Meaning(Reason.BAD_CREDENTIALS, again=True),
    "bad_order": Meaning(Reason.BAD_PARAMETER, again=False),
    "order_differs": Meaning(Reason.INTERNAL, again=False),
    "order_is_over": Meaning(Reason.INTERNAL, again=False),
    "no_audio_in_this_medium": Meaning(Reason.INTERNAL, again=False),
    "audio_differs": Meaning(Reason.INTERNAL, again=False),
    "no_such_order": Meaning(Reason.PROVIDER_ERROR, again=True),
    "no_such_path": Meaning(Reason.PROVIDER_ERROR, again=True),
    "too_many_orders": Meaning(Reason.RATE_LIMITED, again=True),
    "unavailable": Meaning(Reason.PROVIDER_ERROR, again=True),
}

_ORDER = re.compile(r"[A-Za-z0-9._-]{1,64}")


class CarrierSettings(BaseModel):
    """One carrier's order desk. ``drill``: the key signs drills, and nothing else.

    ``tolerance_s`` is how old a callback may be: the last repetition of one comes after six
    minutes, signed as it was the first time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    base_url: str
    key_id: str
    signing_key: SecretStr
    drill: bool = False
    callback_secret: SecretStr
    tolerance_s: int = Field(default=600, gt=0)
    timeout_s: float = Field(default=20.0, gt=0)
    connections: int = Field(default=4, gt=0)


class CarrierDesk:
    """A Channel that can be asked and can withdraw. ``media`` gives a sound by its SHA-256."""

    def __init__(
        self,
        settings: CarrierSettings,
        door: Door,
        media: Callable[[str], bytes],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._settings, self._door, self._media, self._clock = settings, door, media, clock
        self._signer = desk.Signer(settings.key_id, settings.signing_key.get_secret_value())
        self._orders = f"{settings.base_url.rstrip('/')}/orders"

    @property
    def traits(self) -> Traits:
        return TRAITS

    def check(self, address: str) -> str:
        """The identifier of a planned order. Raises BadAddress."""
        if not _ORDER.fullmatch(address):
            raise BadAddress(
                "order_unreadable",
                "Mã yêu cầu phát không đúng.",
                "This is not the identifier of an order.",
            )
        return address

    def send(self, parcels: Sequence[Parcel]) -> Iterator[tuple[int, Outcome]]:
        """Per parcel the order, then its sound."""
        for index, parcel in enumerate(parcels):
            time.sleep(max(0.0, parcel.not_before - time.monotonic()))
            yield index, self._place(parcel)

    def receipts(self, callback: Callback) -> Sequence[StatusEvent]:
        """A change of state or a report of calls."""
        body = self._verified(callback)
        kind = body.get("type")
        if kind == "state":
            return words.state_events(body)
        if kind == "report":
            return words.report_events(body)
        raise Malformed("a type of message that is not known")

    def ask(self, refs: Sequence[Reference]) -> Iterator[StatusEvent]:
        """The states of those orders that the desk knows."""
        for ref in refs:
            answer = self._door.call(Request("GET", f"{self._orders}/{ref}"))
            if isinstance(answer, Reply) and answer.status == 200:
                body = http_errors.said(answer)
                yield from words.state_events(body) if body.get("state") in words.STATES else ()

    def cancel(self, provider_refs: Sequence[str]) -> Iterator[tuple[str, bool]]:
        """Withdraw orders; one that runs is stopped too."""
        for provider_ref in provider_refs:
            named = provider_ref.partition("/")[0]
            body = desk.canonical({"order": named})
            url = f"{self._orders}/{named}/withdraw"
            answer = self._door.call(Request("POST", url, self._signer.headers(body), body))
            yield provider_ref, isinstance(answer, Reply) and answer.status // 100 == 2

    def _place(self, parcel: Parcel) -> Outcome:
        try:
            body, sound = self._package(parcel)
        except (LookupError, OSError, TypeError, ValueError) as error:
            return Refused(Failure(Reason.INTERNAL, words=type(error).__name__))
        headers = self._signer.headers(body)
        placed = self._door.call(Request("POST", self._orders, headers, body))
        shown = self._taken(placed)
        if not isinstance(shown, Mapping):
            return shown
        if shown.get("audio") == "missing":
            shown = self._taken(self._door.call(self._sound_request(parcel, sound)))
            if not isinstance(shown, Mapping):
                return shown
        return Accepted(words.name(shown))

    def _package(self, parcel: Parcel) -> tuple[bytes, bytes]:
        """The order and its sound. What it raises is ours to mend."""
        media = parcel.payload.media
        if media is None:
            raise LookupError("no sound")
        if parcel.payload.extra["drill"] is not self._settings.drill:
            raise ValueError("a drill is not for a live route, nor the other way round")
        sound = self._media(media.sha256)
        if len(sound) != media.size or sha256(sound).hexdigest() != media.sha256:
            raise ValueError("the sound is not the approved one")
        return desk.order(parcel, media), sound

    def _sound_request(self, parcel: Parcel, sound: bytes) -> Request:
        mime = parcel.payload.media.mime if parcel.payload.media else ""
        url = f"{self._orders}/{parcel.ref}/audio"
        return Request("PUT", url, (f"Content-Type: {mime}",), sound)

    def _taken(self, answer: Reply | Lost) -> Mapping[str, Any] | Refused | Unclear:
        """The order as the desk shows it, or what went wrong."""
        if isinstance(answer, Lost):
            return http_errors.lost(answer)
        body = http_errors.said(answer)
        if answer.status // 100 == 2 and isinstance(body.get("carrier_ref"), str):
            return body
        word = body.get("error")
        if answer.status >= 400 and isinstance(word, str) and word in _REFUSALS:
            reason, again = _REFUSALS[word]
            after = http_errors.retry_after(answer, self._clock()) if again else None
            at_fault = redacted(str(body.get("field", "")))
            return Refused(Failure(reason, again=again, after=after, code=word, words=at_fault))
        return http_errors.refusal(answer, self._clock())

    def _verified(self, callback: Callback) -> Mapping[str, Any]:
        secret = self._settings.callback_secret.get_secret_value().encode()
        header = incoming.header(callback, "Carrier-Signature")
        stamp = desk.signed_at(header, callback.body, secret)
        if stamp is None:
            raise BadSignature("Carrier-Signature does not match")
        if abs(self._clock() - stamp) > self._settings.tolerance_s:
            raise BadSignature("Carrier-Signature is too old")
        return incoming.json_object(callback)
