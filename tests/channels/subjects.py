"""The providers on trial: synthetic accounts, people and callbacks."""

import base64
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from pydantic import SecretStr
from twilio.request_validator import RequestValidator

from channels.door import Door, Egress
from channels.email.smtp import Smtp, SmtpSettings
from channels.email.verp import ReturnPath
from channels.ringback.carrier import CarrierDesk, CarrierSettings
from channels.sms.twilio import Twilio, TwilioSettings
from channels.zalo.tokens import NoTokenError
from channels.zalo.zbs import Zbs, ZbsSettings
from dispatcher.domain.errors import Failure
from dispatcher.domain.model import Callback, Media, Parcel, Payload, Reference
from dispatcher.domain.status import Reason
from tests.contract import Subject

#: 23 November 2026, 10:00 in Hà Nội.
NOW = 1_795_402_800.0
PHONE = "+84912345678"
#: Long enough for a busy machine with two cores, short enough to wait for.
TIMEOUT_S = 1.5

ACCOUNT_SID = "AC" + "0a" * 16
AUTH_TOKEN = "twilio-secret-token"
CALLBACK_URL = "https://loa.example/callbacks/sms-1"


@contextmanager
def a_door() -> Iterator[Door]:
    """A door that may reach loopback and is soon out of patience."""
    door = Door(Egress(private=True), timeout_s=TIMEOUT_S, connect_s=TIMEOUT_S)
    try:
        yield door
    finally:
        door.close()


def reference(number: int) -> Reference:
    """The first try of a delivery of dispatch 71."""
    return Reference(71, number, 1)


@contextmanager
def twilio(url: str) -> Iterator[Twilio]:
    settings = TwilioSettings(
        account_sid=ACCOUNT_SID,
        auth_token=SecretStr(AUTH_TOKEN),
        sender="UBND MCHAU",
        base_url=url,
        callback_url=CALLBACK_URL,
    )
    with a_door() as door:
        yield Twilio(settings, door, clock=lambda: NOW)


def sms(number: int) -> Parcel:
    return Parcel(reference(number), PHONE, Payload(text="Nước sông đang lên nhanh."))


def twilio_callback(body: bytes) -> Callback:
    """As Twilio signs it: HMAC-SHA1 over the URL and the fields."""
    url = f"{CALLBACK_URL}?ref=71.200.1"
    fields = dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    signature = RequestValidator(AUTH_TOKEN).compute_signature(url, fields)
    return Callback("POST", url, {"x-twilio-signature": signature}, body)


TWILIO = Subject(
    make=twilio,
    parcel=sms,
    success=b'{"sid": "SM1", "status": "queued", "num_segments": "2"}',
    sign=twilio_callback,
    genuine=urlencode(
        {"MessageSid": "SM1", "MessageStatus": "delivered", "To": PHONE, "Tag": "71.200.1"}
    ).encode(),
    hidden=(
        AUTH_TOKEN,
        base64.b64encode(f"{ACCOUNT_SID}:{AUTH_TOKEN}".encode()).decode(),
        PHONE.removeprefix("+84"),
    ),
)

APP_ID, OA_ID = "1203040506070809", "9080706050403020"
OA_SECRET, ACCESS_TOKEN = "zalo-oa-secret-key", "zalo-access-token"


@dataclass
class HeldTokens:
    """Tokens in the order in which they are given out; the last one cannot be renewed."""

    tokens: list[str]

    def get(self) -> str:
        return self.tokens[0]

    def refresh(self, refused: str) -> str:
        if len(self.tokens) == 1:
            raise NoTokenError(Failure(Reason.BAD_CREDENTIALS, again=True))
        self.tokens.pop(0)
        return self.tokens[0]


@contextmanager
def zbs(url: str, *tokens: str, now: float = NOW) -> Iterator[Zbs]:
    settings = ZbsSettings(app_id=APP_ID, oa_id=OA_ID, oa_secret=SecretStr(OA_SECRET), base_url=url)
    with a_door() as door:
        yield Zbs(settings, door, HeldTokens([*tokens] or [ACCESS_TOKEN]), clock=lambda: now)


def template(number: int) -> Parcel:
    payload = Payload(template="300001", params={"dia_ban": "xã Minh Châu", "thoi_gian": "18:00"})
    return Parcel(reference(number), PHONE, payload)


def zalo_callback(body: bytes) -> Callback:
    """As Zalo signs it: SHA-256 over application, body, the body's time and the secret."""
    try:
        event = json.loads(body)
        stamp = str(event.get("timestamp"))
    except (ValueError, AttributeError, RecursionError):
        stamp = "None"
    mac = sha256(APP_ID.encode() + body + stamp.encode() + OA_SECRET.encode()).hexdigest()
    return Callback("POST", "/callbacks/zalo-1", {"X-ZEvent-Signature": f"mac={mac}"}, body)


def zalo_event(name: str, **message: str) -> bytes:
    """A webhook's body."""
    event = {
        "app_id": APP_ID,
        "sender": {"id": OA_ID},
        "recipient": {"id": PHONE.removeprefix("+")},
        "event_name": name,
        "message": message,
        "timestamp": "1795402805000",
    }
    return json.dumps(event).encode()


ZBS = Subject(
    make=zbs,
    parcel=template,
    success=b'{"error": 0, "message": "Success", "data": {"msg_id": "a1b2"}}',
    sign=zalo_callback,
    genuine=zalo_event(
        "user_received_message",
        delivery_time="1795402801000",
        msg_id="a1b2",
        tracking_id="71.200.1",
    ),
    hidden=(OA_SECRET, ACCESS_TOKEN, PHONE.removeprefix("+84")),
)

SOUND = b"\xd5" * 8_000
SOUND_NAME = sha256(SOUND).hexdigest()
SIGNING_KEY = base64.b64encode(b"\x4c" * 32).decode()
CARRIER_SECRET = "carrier-callback-secret"


@contextmanager
def carrier(url: str, *, drill: bool = False) -> Iterator[CarrierDesk]:
    settings = CarrierSettings(
        base_url=url,
        key_id="ubnd-minh-chau",
        signing_key=SecretStr(SIGNING_KEY),
        drill=drill,
        callback_secret=SecretStr(CARRIER_SECRET),
    )
    with a_door() as door:
        yield CarrierDesk(settings, door, {SOUND_NAME: SOUND}.__getitem__, clock=lambda: NOW)


def carrier_order(number: int) -> Parcel:
    payload = Payload(
        text="Nước sông Hồng đang lên trên báo động ba.",
        media=Media(SOUND_NAME, "audio/PCMA", len(SOUND), 1_000),
        extra={
            "areas": ["01"],
            "period": {
                "from": "2026-11-23T18:00:00+07:00",
                "until": "2026-11-24T06:00:00+07:00",
            },
            "caller_class": "all",
            "authorised_by": {"symbol": "15/CĐ-UBND", "agency": "UBND thành phố Hà Nội"},
            "drill": False,
            "carrier": "viettel",
        },
    )
    return Parcel(reference(number), f"order-{number}", payload)


def carrier_callback(body: bytes, at: float = NOW) -> Callback:
    """As the desk signs it: HMAC-SHA256 over the time, a full stop and the body."""
    stamp = str(int(at))
    mac = hmac.digest(CARRIER_SECRET.encode(), f"{stamp}.".encode() + body, sha256).hex()
    headers = {"carrier-signature": f"t={stamp};v1={mac}"}
    return Callback("POST", "/callbacks/ringback-1", headers, body)


def carrier_state(state: str, **more: object) -> bytes:
    """A callback about the state of order 71.200.1."""
    body = {
        "event": "ev_1",
        "order": "71.200.1",
        "carrier_ref": "CR1",
        "type": "state",
        "state": state,
        "at": "2026-11-23T18:00:01+07:00",
    }
    return json.dumps(body | more).encode()


CARRIER = Subject(
    make=carrier,
    parcel=carrier_order,
    success=b'{"order": "71.100.1", "carrier_ref": "CR1", "state": "accepted", "audio": "held"}',
    sign=carrier_callback,
    genuine=carrier_state("active"),
    hidden=(SIGNING_KEY, CARRIER_SECRET),
)

MAIL_DOMAIN, MAIL_KEY = "bounce.minhchau.example", "return-path-key"
RETURN_PATH = ReturnPath(MAIL_DOMAIN, MAIL_KEY.encode())


@contextmanager
def smtp(url: str, **changes: object) -> Iterator[Smtp]:
    settings = SmtpSettings.model_validate(
        {
            "host": "127.0.0.1",
            "port": urlsplit(url).port,
            "starttls": False,
            "sender_name": "UBND xã Minh Châu",
            "sender_address": "thongbao@minhchau.example",
            "return_path_domain": MAIL_DOMAIN,
            "return_path_key": MAIL_KEY,
            "list_unsubscribe": "https://loa.example/u/{token}",
            "connections": 4,
            "timeout_s": TIMEOUT_S,
        }
        | changes
    )
    channel = Smtp(settings, Egress(private=True), clock=lambda: NOW)
    try:
        yield channel
    finally:
        channel.close()


def email(number: int, address: str = "lethihoa@xa.example") -> Parcel:
    payload = Payload(
        subject="Cảnh báo lũ trên sông Đáy, đề nghị bà con vùng trũng di chuyển ngay",
        text="Kính gửi bà con.\n\n.Nước đang lên nhanh.",
        html="<p>Nước đang lên nhanh.</p>",
    )
    return Parcel(reference(number), address, payload)


def bounce(
    number: int,
    *,
    action: str = "failed",
    status: str = "5.1.1",
    to: str | None = None,
) -> bytes:
    """A delivery status notification for a delivery (RFC 3464)."""
    recipient = RETURN_PATH.address(reference(number)) if to is None else to
    return f"""\
From: Mail Delivery System <mailer-daemon@mx.example>
To: <{recipient}>
Date: Mon, 23 Nov 2026 10:00:05 +0700
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=utf-8

Undeliverable.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; lethihoa@xa.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <lethihoa@xa.example>: no such user 0912345678

--b1--
""".replace("\n", "\r\n").encode()


SMTP = Subject(
    make=smtp,
    parcel=email,
    success=b"",
    sign=lambda body: Callback("POST", "/callbacks/email-1", {}, body),
    genuine=bounce(200),
    hidden=(MAIL_KEY, "lethihoa"),
)
