"""Zalo's message platform: templates by phone and by user id, consultation replies, broadcasts.

Errors come with HTTP 200, numbers as strings, and delivery is told by a webhook whose
signature is a plain SHA-256, not an HMAC: https://developers.zalo.me/docs/official-account.
The platform does not deduplicate: the same tracking id twice is two messages.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from random import Random
from typing import Any

from . import zalo_codes as codes
from .clock import HANOI, Clock
from .credentials import ZALO_OA_ID, ZALO_OA_SECRET
from .fates import Fates
from .receipts import Compose, Receipt, Receipts
from .wire import BadBodyError, Reply, Request, compact, reply_json
from .zalo_templates import TEMPLATES, Template
from .zalo_tokens import PATH as TOKEN_PATH
from .zalo_tokens import Tokens

# The default tier of the ZNS documentation's quality ladder.
DAILY_QUOTA = 5_000
#: What the platform waits before it repeats a webhook that was not answered with 200.
RETRY_WAITS = (30.0, 300.0, 900.0, 1800.0, 3600.0)
WEBHOOK_TIMEOUT = 2.0

PHONE = re.compile(r"(?:\+?84|0)?[35789]\d{8}")
LONGEST_TRACKING_ID = 48
LONGEST_TEXT = 2_000
NIGHT_HOURS = frozenset({22, 23, 0, 1, 2, 3, 4, 5})
KEPT = 100_000

#: Fates besides the negative codes: taken but never delivered; delivered and read.
UNREACHED = "unreached"
SEEN = "seen"

Fields = Mapping[str, Any]


@dataclass(slots=True)
class Note:
    """A message on its way. `recipient` is as webhooks name it, `channel` where it was sent."""

    id: str
    recipient: str
    tracking_id: str
    sent: int
    delivered: int = 0


class RefusedError(Exception):
    """The platform answers with this error code."""

    def __init__(self, code: int) -> None:
        self.code = code


class Zalo:
    """One Official Account and its application.

    Fates are the error codes ("-118"), "unreached" and "seen". With `night` on, templates by
    phone are refused with -133 from 22:00 to 06:00 Hanoi time.
    """

    def __init__(
        self,
        receipts: Receipts,
        clock: Clock,
        tokens: Tokens,
        *,
        webhook_url: str = "",
        oa_id: str = ZALO_OA_ID,
        oa_secret: str = ZALO_OA_SECRET,
        templates: Sequence[Template] = TEMPLATES,
        daily_quota: int = DAILY_QUOTA,
        night: bool = False,
        fates: Fates | None = None,
        seed: int = 0,
    ) -> None:
        self._receipts = receipts
        self._clock = clock
        self._tokens = tokens
        self._webhook_url = webhook_url
        self._oa_id = oa_id
        self._oa_secret = oa_secret
        self._templates = {template.id: template for template in templates}
        self._daily_quota = daily_quota
        self._night = night
        self._fates = fates or Fates()
        self._random = Random(seed)
        self._notes: OrderedDict[str, Note] = OrderedDict()
        self._remaining = daily_quota
        self._day = clock.now().astimezone(HANOI).date()
        self._calls: Mapping[tuple[str, str], Callable[[Request], Fields]] = {
            ("POST", "/message/template"): self._by_phone,
            ("POST", "/message/template/hashphone"): self._by_hash,
            ("GET", "/message/status"): self._status,
            ("GET", "/message/quota"): self._quota,
            ("GET", "/template/info/v2"): self._template_info,
            ("POST", "/v3.0/oa/message/template"): self._by_user,
            ("POST", "/v3.0/oa/message/cs"): self._consult,
            ("POST", "/v2.0/oa/message"): self._broadcast,
        }

    def answer(self, request: Request) -> Reply:
        """The envelope {"error","message","data"}, always with HTTP 200."""
        if request.path == TOKEN_PATH:
            return self._tokens.answer(request)
        try:
            return envelope(0, self._call(request))
        except BadBodyError:
            return envelope(codes.BAD_JSON)
        except RefusedError as refused:
            return envelope(refused.code)

    def unavailable(self, status: int) -> Reply:
        """A gateway's HTML page."""
        return Reply(status, b"<html><body>Service Unavailable</body></html>", "text/html")

    def too_many(self, retry_after: int) -> Reply:  # noqa: ARG002
        """Error -32: no Retry-After, only the counters in headers."""
        reply = envelope(codes.RATE)
        reply.headers |= {"X-RateLimit-Limit": "4000", "X-RateLimit-Remain": "0"}
        return reply

    def reset(self) -> None:
        """Forget all messages and give the whole quota back."""
        self._notes.clear()
        self._remaining = self._daily_quota

    def _call(self, request: Request) -> Fields:
        call = self._calls.get((request.method, request.path))
        if call is None:
            raise RefusedError(codes.NO_SUCH_API)
        if not self._tokens.valid(request.header("access_token")):
            oa_family = request.path.startswith("/v")
            raise RefusedError(codes.OA_BAD_TOKEN if oa_family else codes.BAD_TOKEN)
        return call(request)

    def _by_phone(self, request: Request) -> Fields:
        body = request.json()
        if not PHONE.fullmatch(str(body.get("phone", ""))):
            raise RefusedError(codes.BAD_PHONE)
        return self._to_phone(body, international(str(body["phone"])))

    def _by_hash(self, request: Request) -> Fields:
        body = request.json()
        if not re.fullmatch(r"[0-9a-f]{64}", str(body.get("hash_phone", ""))):
            raise RefusedError(codes.BAD_PHONE)
        return self._to_phone(body, str(body["hash_phone"]))

    def _to_phone(self, body: Fields, recipient: str) -> Fields:
        tracking_id = str(body.get("tracking_id", ""))
        if not 0 < len(tracking_id) <= LONGEST_TRACKING_ID:
            raise RefusedError(codes.BAD_PARAM)
        self._check_template(body)
        if self._night and self._clock.now().astimezone(HANOI).hour in NIGHT_HOURS:
            raise RefusedError(codes.NIGHT)
        note = self._send(recipient, tracking_id, body["template_data"])
        return {
            "msg_id": note.id,
            "sent_time": str(note.sent),
            "sending_mode": str(body.get("sending_mode", "1")),
            "quota": {
                "dailyQuota": str(self._daily_quota),
                "remainingQuota": str(self._remaining),
            },
        }

    def _by_user(self, request: Request) -> Fields:
        body = request.json()
        user_id = _text(body.get("user_id"), codes.OA_BAD_PARAM)
        self._check_template(body)
        note = self._send(user_id, "", body["template_data"])
        return {
            "message_id": note.id,
            "user_id": user_id,
            "sent_time": str(note.sent),
            "quota": {"quota_type": "purchase_quota", "remain": self._remaining},
        }

    def _consult(self, request: Request) -> Fields:
        body = request.json()
        recipient, message = body.get("recipient", {}), body.get("message", {})
        user_id = _text(recipient.get("user_id"), codes.OA_BAD_PARAM)
        text = message.get("text", "")
        if len(text) > LONGEST_TEXT or not (text or message.get("attachment")):
            raise RefusedError(codes.OA_BAD_PARAM)
        note = self._send(user_id, "", text)
        return {"message_id": note.id, "user_id": user_id}

    def _broadcast(self, request: Request) -> Fields:
        body = request.json()
        if not body.get("recipient", {}).get("target"):
            raise RefusedError(codes.OA_BAD_PARAM)
        payload = body.get("message", {}).get("attachment", {}).get("payload", {})
        kinds = {element.get("media_type") for element in payload.get("elements", [])}
        if kinds != {"article"}:
            raise RefusedError(codes.OA_BAD_PARAM)
        message_id = self._fresh_id()
        text = compact(payload["elements"]).decode()
        self._receipts.took({"sid": message_id, "to": "broadcast", "text": text})
        return {"message_id": message_id}

    def _check_template(self, body: Fields) -> None:
        template = self._templates.get(str(body.get("template_id", "")))
        if template is None:
            raise RefusedError(codes.BAD_TEMPLATE)
        data = body.get("template_data")
        if not isinstance(data, dict):
            raise RefusedError(codes.BAD_PARAM)
        if code := template.fault(data):
            raise RefusedError(code)

    def _send(self, recipient: str, tracking_id: str, content: object) -> Note:
        fate = self._fates.of(recipient)
        if fate.startswith("-"):
            raise RefusedError(int(fate))
        self._spend()
        note = Note(self._fresh_id(), recipient, tracking_id, self._clock.millis())
        self._keep(note)
        text = content if isinstance(content, str) else compact(content).decode()
        self._receipts.took(
            {"sid": note.id, "to": recipient, "text": text, "tracking_id": tracking_id}
        )
        self._play(note, fate)
        return note

    def _spend(self) -> None:
        today = self._clock.now().astimezone(HANOI).date()
        if today != self._day:
            self._day, self._remaining = today, self._daily_quota
        if self._remaining <= 0:
            raise RefusedError(codes.OVER_QUOTA)
        self._remaining -= 1

    def _keep(self, note: Note) -> None:
        self._notes[note.id] = note
        if len(self._notes) > KEPT:
            self._notes.popitem(last=False)

    def _play(self, note: Note, fate: str) -> None:
        if fate == UNREACHED:
            return
        events = ["user_received_message"] + ["user_seen_message"] * (fate == SEEN)
        series = [self._step(note, event) for event in events]
        stranger = Note("f" * 20, note.recipient, "", note.sent)
        strange = self._composer(stranger, events[0]) if self._webhook_url else None
        self._receipts.schedule(series, strange)

    def _step(self, note: Note, event: str) -> Receipt:
        def happens() -> bool:
            note.delivered = note.delivered or self._clock.millis()
            return bool(self._webhook_url)

        wait = self._receipts.temper.receipt_delay()
        return Receipt(self._composer(note, event), happens, wait)

    def _composer(self, note: Note, event: str) -> Compose:
        def compose() -> tuple[str, Mapping[str, str], bytes]:
            body, timestamp = self._event(note, event)
            headers = {
                "Content-Type": "application/json",
                "X-ZEvent-Server": "ZNS",
                "X-ZEvent-Signature": self._mac(body, timestamp),
            }
            return self._webhook_url, headers, body

        return compose

    def _event(self, note: Note, event: str) -> tuple[bytes, str]:
        timestamp = str(self._clock.millis())
        message = {"msg_id": note.id, "tracking_id": note.tracking_id}
        if event == "user_received_message":
            message["delivery_time"] = str(note.delivered or note.sent)
        body = {
            "sender": {"id": self._oa_id},
            "recipient": {"id": note.recipient},
            "event_name": event,
            "message": message,
            "app_id": self._tokens.app_id,
            "timestamp": timestamp,
        }
        return compact(body), timestamp

    def _mac(self, body: bytes, timestamp: str) -> str:
        signed = self._tokens.app_id.encode() + body + (timestamp + self._oa_secret).encode()
        return f"mac={sha256(signed).hexdigest()}"

    def _status(self, request: Request) -> Fields:
        note = self._notes.get(request.params().get("message_id", ""))
        if note is None:
            return {"status": -1, "delivery_time": "", "message": "The message not found"}
        if not note.delivered:
            return {"status": 0, "delivery_time": "", "message": "The message was pushed"}
        delivered = {"delivery_time": str(note.delivered), "message": "Message was delivered"}
        return {"status": 1} | delivered

    def _quota(self, _: Request) -> Fields:
        return {
            "dailyQuota": str(self._daily_quota),
            "remainingQuota": str(self._remaining),
            "dailyQuotaPromotion": "0",
            "remainingQuotaPromotion": "0",
            "monthlyPromotionQuota": "0",
            "remainingMonthlyPromotionQuota": "0",
            "estimatedNextMonthPromotionQuota": "0",
        }

    def _template_info(self, request: Request) -> Fields:
        template = self._templates.get(request.params().get("template_id", ""))
        if template is None:
            raise RefusedError(codes.BAD_TEMPLATE)
        return template.info()

    def _fresh_id(self) -> str:
        return f"{self._random.getrandbits(80):020x}"


def envelope(code: int, data: Fields | None = None) -> Reply:
    """Zalo's answer."""
    if code:
        return reply_json(200, {"error": code, "message": codes.MESSAGES.get(code, "Error")})
    return reply_json(200, {"error": 0, "message": "Success", "data": data})


def international(phone: str) -> str:
    """`0912…`, `+84912…` or `912…` as webhooks write it: `84912…`."""
    return "84" + re.sub(r"^(?:\+?84|0)", "", phone)


def _text(value: object, code: int) -> str:
    if not isinstance(value, str) or not value:
        raise RefusedError(code)
    return value
