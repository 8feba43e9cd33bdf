"""View links: a signed, short-lived, single-use way into the console, as ``loa demo`` prints it."""

import base64
import binascii
import hashlib
import hmac
import struct
from dataclasses import dataclass

#: Account, expiry (epoch ms), nonce; then the tag.
_BODY = struct.Struct(">QQ16s")
_TAG = 32

#: A link is good for an hour: long enough to be read out, too short to be found later.
GOOD_FOR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class Ticket:
    """Whom a link lets in, until when (epoch ms), and the number that is used up."""

    account: int
    until: int
    nonce: str


def issue(gateway_secret: bytes, account: int, now: int, nonce: bytes) -> str:
    """A ticket for an account. ``nonce``: 16 random bytes, new for each ticket."""
    body = _BODY.pack(account, now + GOOD_FOR_MS, nonce)
    return base64.urlsafe_b64encode(body + _tag(gateway_secret, body)).decode().rstrip("=")


def read(gateway_secret: bytes, text: str, now: int) -> Ticket | None:
    """What a ticket says; None when it is not ours or over. Whether it was used, rows know."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    body, tag = data[: _BODY.size], data[_BODY.size :]
    if len(data) != _BODY.size + _TAG or not hmac.compare_digest(tag, _tag(gateway_secret, body)):
        return None
    account, until, nonce = _BODY.unpack(body)
    return Ticket(account, until, nonce.hex()) if until > now else None


def link(public_url: str, ticket: str, dispatch: int) -> str:
    """The address that signs in and shows a dispatch."""
    return f"{public_url}/console/enter?ticket={ticket}&dispatch={dispatch}"


def _tag(gateway_secret: bytes, body: bytes) -> bytes:
    key = hmac.digest(gateway_secret, b"loa/console/tickets", hashlib.sha256)
    return hmac.digest(key, body, hashlib.sha256)
