"""Twilio's Messages resource: sending, asking, cancelling and signed status callbacks.

Shapes and codes: https://www.twilio.com/docs/messaging/api/message-resource and
https://www.twilio.com/docs/api/errors. The recipients that always fail are Twilio's own test
numbers, https://www.twilio.com/docs/iam/test-credentials.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from random import Random
from urllib.parse import urlencode

from .clock import Clock
from .credentials import TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
from .fates import Fates
from .receipts import Compose, Receipt, Receipts
from .segments import count_parts
from .wire import Reply, Request, reply_json

SENDER = "+15005550006"
API = "2010-04-01"

LONGEST_BODY = 1600
KEPT = 100_000
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
E164 = re.compile(r"\+[1-9]\d{6,14}")

#: Error code → (HTTP status, message). `{0}` is what the caller sent.
ERRORS: Mapping[int, tuple[int, str]] = {
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource {0} was not found"),
    20429: (429, "Too Many Requests"),
    20503: (503, "Service unavailable"),
    21211: (400, "The 'To' number {0} is not a valid phone number."),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21606: (400, "The 'From' phone number provided is not a valid message-capable number."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21612: (400, "The 'To' phone number {0} is not currently reachable via SMS"),
    21614: (400, "'To' number {0} is not a valid mobile number"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    30409: (409, "Message cannot be canceled"),
}

#: Asynchronous error code → the final status it comes with.
UNDELIVERABLE: Mapping[int, str] = {
    30001: "failed",
    30003: "undelivered",
    30004: "undelivered",
    30005: "undelivered",
    30006: "undelivered",
    30007: "undelivered",
    30008: "undelivered",
    30036: "failed",
}
VALIDITY_EXPIRED = 30036

TEST_NUMBERS: Sequence[tuple[str, str]] = (
    (r"^\+15005550001$", "21211"),
    (r"^\+15005550002$", "21612"),
    (r"^\+15005550004$", "21610"),
    (r"^\+15005550009$", "21614"),
)

CANCELLABLE = frozenset({"accepted", "queued", "scheduled"})


@dataclass(slots=True)
class Sms:
    """One message as the account's owner may look it up."""

    sid: str
    to: str
    sender: str
    service: str
    body: str
    parts: int
    created: str
    status: str
    error: int | None = None
    updated: str = ""


def signature(token: str, url: str, params: Mapping[str, str]) -> str:
    """X-Twilio-Signature: HMAC-SHA1 over the URL and the sorted names and values."""
    signed = url + "".join(name + params[name] for name in sorted(params))
    return base64.b64encode(hmac.digest(token.encode(), signed.encode(), "sha1")).decode()


class Twilio:
    """One account. Fates are codes: 21xxx refuses at once, 30xxx fails to be delivered.

    `progress` are the statuses reported before the final one; `callback_url` serves messages
    that name no StatusCallback, as a messaging service's setting does; `senders` empty means
    that any sender is allowed. Who matches `replies` answers what is delivered, by way of
    `inbound_url`.
    """

    def __init__(
        self,
        receipts: Receipts,
        clock: Clock,
        *,
        account_sid: str = TWILIO_ACCOUNT_SID,
        auth_token: str = TWILIO_AUTH_TOKEN,
        callback_url: str = "",
        progress: Sequence[str] = ("queued", "sent"),
        senders: Sequence[str] = (),
        fates: Fates | None = None,
        replies: Fates | None = None,
        inbound_url: str = "",
        seed: int = 0,
    ) -> None:
        self._replies, self._inbound_url = replies or Fates(()), inbound_url
        self._receipts = receipts
        self._clock = clock
        self._account = account_sid
        self._token = auth_token
        self._callback_url = callback_url
        self._progress = progress
        self._senders = senders
        self._fates = fates or Fates(TEST_NUMBERS)
        self._random = Random(seed)
        credentials = base64.b64encode(f"{account_sid}:{auth_token}".encode()).decode()
        self._authorization = f"Basic {credentials}"
        self._root = f"/{API}/Accounts/{account_sid}/Messages"
        self._messages: OrderedDict[str, Sms] = OrderedDict()

    def answer(self, request: Request) -> Reply:
        """Messages.json and Messages/{sid}.json of the account."""
        if request.header("authorization") != self._authorization:
            return error(20003)
        path = request.path
        if path == f"{self._root}.json" and request.method == "POST":
            return self._create(request.form())
        sid = path.removeprefix(f"{self._root}/").removesuffix(".json")
        message = self._messages.get(sid)
        if message is None:
            return error(20404, path)
        if request.method == "POST":
            return self._update(message, request.form())
        return reply_json(200, self._shown(message))

    def unavailable(self, status: int) -> Reply:
        """The code is for 503; other statuses come from a proxy, as HTML."""
        if status == 503:
            return error(20503)
        return Reply(status, b"<html><body>Bad gateway</body></html>", "text/html")

    def too_many(self, retry_after: int) -> Reply:
        """Error 20429."""
        reply = error(20429)
        reply.headers["Retry-After"] = str(retry_after)
        return reply

    def reset(self) -> None:
        """Forget all messages."""
        self._messages.clear()

    def _create(self, form: dict[str, str]) -> Reply:
        to = form.get("To", "")
        fate = int(self._fates.of(to) or 0)
        code = self._refusal(form, fate)
        if code:
            return error(code, to)
        message = self._accept(form)
        seen = {"sid": message.sid, "to": to, "from": message.sender, "text": message.body}
        self._receipts.took(seen, message.parts)
        callback = form.get("StatusCallback", self._callback_url)
        self._play(message, form, fate, callback)
        return reply_json(201, self._shown(message))

    def _refusal(self, form: dict[str, str], fate: int) -> int:
        checks = (
            (21604, not form.get("To")),
            (21603, not (form.get("From") or form.get("MessagingServiceSid"))),
            (21602, not (form.get("Body") or form.get("MediaUrl") or form.get("ContentSid"))),
            (21617, len(form.get("Body", "")) > LONGEST_BODY),
            (21211, not E164.fullmatch(form.get("To", ""))),
            (21606, self._sender_refused(form.get("From", ""))),
            (fate, fate in ERRORS),
        )
        return next((code for code, applies in checks if applies), 0)

    def _sender_refused(self, sender: str) -> bool:
        return bool(self._senders and sender and sender not in self._senders)

    def _accept(self, form: dict[str, str]) -> Sms:
        service = form.get("MessagingServiceSid", "")
        body = form.get("Body", "")
        message = Sms(
            sid=f"SM{self._random.getrandbits(128):032x}",
            to=form["To"],
            sender=form.get("From", ""),
            service=service,
            body=body,
            parts=count_parts(body),
            created=self._stamp(),
            status=_first_status(form),
        )
        self._messages[message.sid] = message
        if len(self._messages) > KEPT:
            self._messages.popitem(last=False)
        return message

    def _play(self, message: Sms, form: dict[str, str], fate: int, callback: str) -> None:
        code = fate if fate in UNDELIVERABLE else 0
        steps = [(status, 0) for status in self._progress]
        steps.append((UNDELIVERABLE.get(code, "delivered"), code))
        delays = [self._receipts.temper.receipt_delay() for _ in steps]
        if delays[0] > float(form.get("ValidityPeriod", "36000")):
            steps, delays = [(UNDELIVERABLE[VALIDITY_EXPIRED], VALIDITY_EXPIRED)], delays[:1]
        if message.status == "scheduled":
            delays[0] += self._clock.until(datetime.fromisoformat(form["SendAt"]))
        if not callback:
            # Nobody is told of the steps between; one timer instead of three.
            steps, delays = steps[-1:], [sum(delays)]
        series = [
            self._step(message, status, code, callback, wait)
            for (status, code), wait in zip(steps, delays, strict=True)
        ]
        text = self._replies.of(message.to)
        if text and not code and self._inbound_url:
            series.append(self._reply(message, text))
        self._receipts.schedule(series, self._stranger(message, callback))

    def _reply(self, message: Sms, text: str) -> Receipt:
        """The recipient answers; Twilio posts it to the number's own webhook."""

        def compose() -> tuple[str, Mapping[str, str], bytes]:
            params = {
                "AccountSid": self._account,
                "Body": text,
                "From": message.to,
                "MessageSid": f"SM{'a' * 8}{message.sid[10:]}",
                "NumMedia": "0",
                "To": message.sender or SENDER,
            }
            signed = signature(self._token, self._inbound_url, params)
            headers = FORM | {"X-Twilio-Signature": signed, "User-Agent": "TwilioProxy/1.1"}
            return self._inbound_url, headers, urlencode(params).encode()

        wait = self._receipts.temper.receipt_delay()
        return Receipt(compose, lambda: True, wait)

    def _step(self, message: Sms, status: str, code: int, callback: str, wait: float) -> Receipt:
        def happens() -> bool:
            if message.status == "canceled":
                return False
            message.status, message.error, message.updated = status, code or None, self._stamp()
            return bool(callback)

        return Receipt(self._composer(message, message.sid, status, code, callback), happens, wait)

    def _stranger(self, message: Sms, callback: str) -> Compose | None:
        if not callback:
            return None
        sid = f"SM{'f' * 8}{message.sid[10:]}"
        return self._composer(message, sid, "delivered", 0, callback)

    def _composer(self, message: Sms, sid: str, status: str, code: int, callback: str) -> Compose:
        def compose() -> tuple[str, Mapping[str, str], bytes]:
            params = self._callback_params(message, sid, status, code)
            signed = signature(self._token, callback, params)
            headers = FORM | {"X-Twilio-Signature": signed, "User-Agent": "TwilioProxy/1.1"}
            return callback, headers, urlencode(params).encode()

        return compose

    def _callback_params(self, message: Sms, sid: str, status: str, code: int) -> dict[str, str]:
        optional = {
            "MessagingServiceSid": message.service,
            "ErrorCode": str(code) if code else "",
            "RawDlrDoneDate": f"{self._clock.now():%y%m%d%H%M}" if status == "delivered" else "",
        }
        return {
            "ApiVersion": API,
            "AccountSid": self._account,
            "MessageSid": sid,
            "SmsSid": sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": message.to,
            "From": message.sender or SENDER,
        } | {name: value for name, value in optional.items() if value}

    def _update(self, message: Sms, form: dict[str, str]) -> Reply:
        if form.get("Status") == "canceled":
            if message.status not in CANCELLABLE:
                return error(30409)
            message.status, message.updated = "canceled", self._stamp()
        return reply_json(200, self._shown(message))

    def _shown(self, message: Sms) -> dict[str, object]:
        root = self._root
        return {
            "account_sid": self._account,
            "api_version": API,
            "body": message.body,
            "date_created": message.created,
            "date_sent": message.updated or None,
            "date_updated": message.updated or message.created,
            "direction": "outbound-api",
            "error_code": message.error,
            "error_message": None,
            "from": message.sender or None,
            "messaging_service_sid": message.service or None,
            "num_media": "0",
            "num_segments": str(message.parts),
            "price": None,
            "price_unit": "USD",
            "sid": message.sid,
            "status": message.status,
            "subresource_uris": {"media": f"{root}/{message.sid}/Media.json"},
            "to": message.to,
            "uri": f"{root}/{message.sid}.json",
        }

    def _stamp(self) -> str:
        return format_datetime(self._clock.now())


def error(code: int, sent: str = "") -> Reply:
    """Twilio's error body."""
    status, message = ERRORS[code]
    body = {
        "code": code,
        "message": message.format(sent),
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    return reply_json(status, body)


def _first_status(form: dict[str, str]) -> str:
    """A messaging service accepts first and picks the sender later; a number queues at once."""
    if form.get("ScheduleType") == "fixed" and form.get("SendAt"):
        return "scheduled"
    return "accepted" if form.get("MessagingServiceSid") else "queued"
