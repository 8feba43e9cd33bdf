"""Checkpoints as C2SP signed notes (c2sp.org/signed-note, c2sp.org/tlog-checkpoint)."""

import base64
import binascii
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

#: The signature type of Ed25519 in a key id and a verifier key.
_ED25519 = b"\x01"


@dataclass(frozen=True, slots=True)
class Claim:
    """What a checkpoint says: the log had ``size`` leaves and this tree hash."""

    size: int
    root: bytes


class BadNote(Exception):
    """A note that proves nothing. Not worth trying again: the note or the key is wrong."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Whose notes are believed. ``public_key``: 32 bytes of Ed25519."""

    origin: str
    public_key: bytes

    @property
    def key_id(self) -> bytes:
        named = self.origin.encode() + b"\n" + _ED25519 + self.public_key
        return hashlib.sha256(named).digest()[:4]

    def read(self, note: str) -> Claim:
        """The claim of a note that this signer signed. Raises ``BadNote``."""
        text, found, signatures = note.partition("\n\n")
        if not found or not signatures.endswith("\n"):
            raise BadNote("it is not a text, an empty line and signatures")
        text += "\n"
        self._check(text.encode(), signatures)
        return self._claim(text)

    def _check(self, text: bytes, signatures: str) -> None:
        key = Ed25519PublicKey.from_public_bytes(self.public_key)
        lines = signatures.removesuffix("\n").split("\n")
        ours = [mine for line in lines if (mine := self._mine(line))]
        if not ours:
            raise BadNote("no signature is by this log's key")
        for signature in ours:
            try:
                key.verify(signature, text)
            except InvalidSignature as error:
                raise BadNote("the signature does not fit the text") from error

    def _mine(self, line: str) -> bytes | None:
        """A signature line of ours; lines by other keys, such as witnesses', are passed over."""
        if not line.startswith("— "):
            raise BadNote("a line below the text is no signature")
        name, _, encoded = line.removeprefix("— ").partition(" ")
        if name != self.origin:
            return None
        raw = _unbase64(encoded)
        return raw[4:] if raw[:4] == self.key_id else None

    def _claim(self, text: str) -> Claim:
        lines = text.split("\n")
        if len(lines) < 4 or lines[0] != self.origin or not lines[1].isdecimal():
            raise BadNote("the text is not origin, size and root")
        root = _unbase64(lines[2])
        if len(root) != 32:
            raise BadNote("the root is not 32 bytes")
        return Claim(int(lines[1]), root)


def _unbase64(text: str) -> bytes:
    """Strictly: bits that padding would hide are part of what must not change."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise BadNote("not the canonical base64")
    return raw
