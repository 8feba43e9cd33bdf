"""Who may give a carrier orders: Ed25519 keys by id, drill keys apart from live ones."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from .credentials import CARRIER_DRILL_KEY, CARRIER_LIVE_KEY


@dataclass(frozen=True, slots=True)
class Key:
    """A public key; a drill key signs drills and nothing else."""

    public: Ed25519PublicKey
    drill: bool


def parse_key(text: str, *, drill: bool) -> tuple[str, Key]:
    """`kid=base64` of the 32 raw bytes."""
    kid, _, encoded = text.partition("=")
    return kid, Key(Ed25519PublicKey.from_public_bytes(base64.b64decode(encoded)), drill)


def default_keys() -> dict[str, Key]:
    """The well-known test keys."""
    live = parse_key(CARRIER_LIVE_KEY, drill=False)
    return dict([live, parse_key(CARRIER_DRILL_KEY, drill=True)])


def signer(header: str, body: bytes, keys: Mapping[str, Key]) -> Key | None:
    """The key that signed exactly these bytes; None when none did.

    `header` is `ed25519;kid=<key id>;sig=<base64>`.
    """
    scheme, *rest = header.split(";")
    fields = dict(item.partition("=")[::2] for item in rest)
    key = keys.get(fields.get("kid", ""))
    if scheme != "ed25519" or key is None:
        return None
    try:
        key.public.verify(base64.b64decode(fields.get("sig", ""), validate=True), body)
    except (InvalidSignature, binascii.Error):
        return None
    return key
