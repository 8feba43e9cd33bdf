"""What is sealed in rows: addresses, names, raw receipts, route credentials, device keys.

AES-256-GCM under a numbered data key; table, column and row are authenticated with the data, so
that a value moved to another row does not open. Addresses are found by a keyed hash. No key is in
the database but wrapped (``keyring``): the digits of a phone number alone fall to brute force.
"""

import hashlib
import hmac
import os
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE = 12
#: Layout 2 begins with its version and the number of the data key.
_HEADER = struct.Struct(">BI")
#: Layout 1 named no key, because there was one, and no row.
_OLD_LAYOUT = 1
_OLD_KEY = 1
#: Every process seals with a new data key at the latest after so many seconds.
REFRESH_S = 30.0


@dataclass(frozen=True, slots=True)
class Ring:
    """The keys of an installation, unwrapped. ``current``: the data key that seals.

    ``base`` outlives every rotation: keys that sign and hashes that find come from it.
    """

    base: bytes = field(repr=False)
    data: Mapping[int, bytes] = field(repr=False)
    current: int


class Vault:
    """Seals, opens and hashes. Safe to share between threads.

    ``load`` reads the ring; ``clock``: seconds that only go forward.
    """

    def __init__(
        self,
        load: Callable[[], Ring],
        random: Callable[[int], bytes] = os.urandom,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._load, self._random, self._clock = load, random, clock
        self._lock = threading.Lock()
        self._ring: Ring | None = None
        self._taken = 0.0
        self._ciphers: Mapping[int, AESGCM] = {}
        self._find = b""

    def seal(self, place: str, data: bytes) -> bytes:
        """``data`` sealed for one place: ``table|column|what tells the row``."""
        header = self.header()
        nonce = self._random(_NONCE)
        cipher = self._ciphers[_HEADER.unpack(header)[1]]
        return header + nonce + cipher.encrypt(nonce, data, header + place.encode())

    def header(self) -> bytes:
        """How everything begins that is sealed now."""
        return _HEADER.pack(2, self._fresh().current)

    def open(self, place: str, sealed: bytes) -> bytes:
        """What was sealed for that place. Raises cryptography's InvalidTag for anything else.

        Raises ValueError when it was sealed under a key that is retired or of another ring.
        """
        if sealed[:1] == bytes([_OLD_LAYOUT]):
            return self._cipher(_OLD_KEY).decrypt(*_parts(sealed, 1), _column(place).encode())
        header = sealed[: _HEADER.size]
        number = key_of(sealed)
        return self._cipher(number).decrypt(*_parts(sealed, len(header)), header + place.encode())

    def digest(self, place: str, value: str) -> bytes:
        """The keyed hash by which a sealed value is found again."""
        if self._ring is None:
            self.reload()
        return hmac.digest(self._find, f"{place}|{value}".encode(), hashlib.sha256)

    def secret(self, purpose: str) -> bytes:
        """The 32 bytes for a purpose, the same for the whole life of the installation."""
        return derive((self._ring or self.reload()).base, purpose)

    def reload(self) -> Ring:
        """Read the ring again."""
        with self._lock:
            return self._read()

    def _fresh(self) -> Ring:
        ring = self._ring
        if ring is None or self._clock() - self._taken > REFRESH_S:
            with self._lock:  # who waited for another's reading need not read again
                stale = self._ring is None or self._clock() - self._taken > REFRESH_S
                ring = self._read() if stale else self._ring
        assert ring is not None  # noqa: S101 - read above
        return ring

    def _read(self) -> Ring:
        ring = self._load()
        self._ciphers = {number: AESGCM(key) for number, key in ring.data.items()}
        self._find = derive(derive(ring.base, "vault"), "find")
        self._ring, self._taken = ring, self._clock()
        return ring

    def _cipher(self, number: int) -> AESGCM:
        if number not in self._ciphers:
            self.reload()
        if number not in self._ciphers:
            raise ValueError(f"sealed under data key {number}, which is not in the ring")
        return self._ciphers[number]


def key_of(sealed: bytes) -> int:
    """The number of the data key that a sealed value names. Raises ValueError for no such value."""
    if sealed[:1] == bytes([_OLD_LAYOUT]):
        return _OLD_KEY
    if sealed[:1] != b"\x02" or len(sealed) < _HEADER.size + _NONCE:
        raise ValueError("sealed by an unknown layout")
    return int(_HEADER.unpack(sealed[: _HEADER.size])[1])


def derive(root: bytes, purpose: str) -> bytes:
    """A key of its own for each purpose, from one of 32 bytes."""
    return hmac.digest(root, f"loa/{purpose}".encode(), hashlib.sha256)


def _parts(sealed: bytes, start: int) -> tuple[bytes, bytes]:
    return sealed[start : start + _NONCE], sealed[start + _NONCE :]


def _column(place: str) -> str:
    """The place without its row."""
    return "|".join(place.split("|")[:2])
