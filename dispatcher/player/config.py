"""What a speaker is told once, at enrolment."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Trusted:
    """A key whose manifests are believed; a drill key only for drills."""

    key: Ed25519PublicKey
    drill: bool = False


@dataclass(frozen=True, slots=True)
class Config:
    """One speaker.

    ``url``: root of the server; ``key``: 32 bytes shared with it; ``trust``: by key id; ``state``:
    a directory of its own; ``sink``: ``null``, ``file:DIR`` or ``alsa``; ``speed``: sounds are
    played so many times faster (not on alsa) while their true lengths are reported; ``rtc``: the
    host's clock is kept by a battery and may be believed after a start without network;
    ``wall_error_s``: pretend that the host's clock is wrong by this much.
    """

    url: str
    device: str
    key: bytes
    trust: Mapping[str, Trusted]
    state: Path
    sink: str = "null"
    speed: float = 1.0
    rtc: bool = False
    wall_error_s: float = 0.0


def read_trust(texts: Sequence[str]) -> dict[str, Trusted]:
    """From ``kid=base64`` or ``drill:kid=base64``. Raises ValueError."""
    trusted = {}
    for text in texts:
        name, equals, key = text.partition("=")
        if not equals:
            raise ValueError(f"not kid=base64: {text}")
        drill = name.startswith("drill:")
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key, validate=True))
        trusted[name.removeprefix("drill:")] = Trusted(public, drill)
    return trusted


def read_key(path: Path) -> bytes:
    """The shared key from a file: 64 hexadecimal digits. Raises ValueError or OSError."""
    key = bytes.fromhex(path.read_text("ascii").strip())
    if len(key) != 32:
        raise ValueError(f"{path}: not 32 bytes in hexadecimal")
    return key
