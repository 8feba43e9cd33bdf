"""The wire of a carrier's order desk: what an order looks like and how both sides sign.

docs/carrier-orders.md. An order repeated byte for byte is the same order.
"""

import base64
import hmac
import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dispatcher.domain.model import Media, Parcel

#: What ``Payload.extra`` must have for an order, besides its text and sound.
TERMS = ("areas", "period", "caller_class", "authorised_by", "drill", "carrier")


def order(parcel: Parcel, media: Media) -> bytes:
    """The order document, the same bytes each time. Raises KeyError for a missing term."""
    terms = {term: parcel.payload.extra[term] for term in TERMS}
    sound = {
        "sha256": media.sha256,
        "mime": media.mime,
        "bytes": media.size,
        "duration_ms": media.duration_ms,
    }
    document = {
        "order": str(parcel.ref),
        "medium": "ringback",
        "text": parcel.payload.text,
        "audio": sound,
        **terms,
    }
    return canonical(document)


def canonical(document: Mapping[str, object]) -> bytes:
    """JSON with sorted keys and without blanks, in UTF-8."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


class Signer:
    """Signs what goes to the desk with the agency's Ed25519 key (32 bytes, base64)."""

    def __init__(self, key_id: str, seed: str) -> None:
        self._key_id = key_id
        self._key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed, validate=True))

    def headers(self, body: bytes) -> Sequence[str]:
        """Header lines for exactly these bytes."""
        signature = base64.b64encode(self._key.sign(body)).decode()
        return (
            "Content-Type: application/json",
            f"Loa-Signature: ed25519;kid={self._key_id};sig={signature}",
        )


def signed_at(header: str, body: bytes, secret: bytes) -> int | None:
    """The time, epoch seconds, at which the desk signed these bytes; None when it did not.

    ``header`` is ``t=<epoch seconds>;v1=<HMAC-SHA256 of "t." and the body, in hex>``.
    """
    fields: dict[str, Any] = dict(item.partition("=")[::2] for item in header.split(";"))
    stamp = str(fields.get("t", ""))
    if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= 12):
        return None
    mac = hmac.digest(secret, f"{stamp}.".encode() + body, sha256).hex()
    genuine = hmac.compare_digest(mac.encode(), str(fields.get("v1", "")).encode())
    return int(stamp) if genuine else None
