"""What is sealed in rows: addresses, names, raw receipts, route credentials, device keys.

AES-256-GCM; the row's place is authenticated with the data, so that a value moved to another row
does not open. Addresses are found by a keyed hash whose key, like all keys here, is never in the
database. Nghị định 356/2025/NĐ-CP; the numbers of a phone number alone would fall to brute force.
"""

import hashlib
import hmac
import os
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
#: First byte of everything sealed: the layout's version.
_LAYOUT = b"\x01"


class Vault:
    """Seals, opens and hashes with keys derived from one 32-byte root key."""

    def __init__(self, root: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        if len(root) != 32:
            raise ValueError("the root key must be 32 bytes")
        self._random = random
        self._aead = AESGCM(derive(root, "seal"))
        self._hash_key = derive(root, "find")

    def seal(self, place: str, data: bytes) -> bytes:
        """``data`` sealed for one place, e.g. ``address|phone``."""
        nonce = self._random(_NONCE)
        return _LAYOUT + nonce + self._aead.encrypt(nonce, data, place.encode())

    def open(self, place: str, sealed: bytes) -> bytes:
        """What was sealed for that place. Raises cryptography's InvalidTag for anything else."""
        if sealed[:1] != _LAYOUT:
            raise ValueError("sealed by an unknown layout")
        return self._aead.decrypt(sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :], place.encode())

    def digest(self, place: str, value: str) -> bytes:
        """The keyed hash by which a sealed value is found again."""
        return hmac.digest(self._hash_key, f"{place}|{value}".encode(), hashlib.sha256)


def derive(root: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, from the root key."""
    return hmac.digest(root, f"loa/{purpose}".encode(), hashlib.sha256)
