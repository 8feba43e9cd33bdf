"""What passes between a device's gateway, the ledger and the loudspeaker channel."""

import hashlib
import json
from dataclasses import dataclass

#: What the first line of a device's log is chained to.
GENESIS = "0" * 64

_TAIL = len(',"h":""}') + 64


@dataclass(frozen=True, slots=True)
class Device:
    """A speaker as its gateway knows it.

    ``key``: 32 bytes shared with the device at enrolment; ``active``: False once it is withdrawn
    or stolen; ``seq``: of the manifest it should have, 0 if it has never had one.
    """

    key: bytes
    active: bool
    seq: int


@dataclass(frozen=True, slots=True)
class SignedManifest:
    """The exact bytes that were signed, and the value of their ``Loa-Signature`` header."""

    seq: int
    body: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class DeviceState:
    """What a device said of itself (JSON, as it came) and when we heard it (epoch ms)."""

    device: str
    at: int
    body: bytes


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a device's play log, as it came.

    (device, ``boot``, ``n``) names it for ever; ``digest`` chains it to the line before.
    """

    boot: str
    n: int
    digest: str
    raw: bytes

    @classmethod
    def parse(cls, raw: bytes) -> "LogLine":
        """Raises ValueError for anything that is not a line of the protocol."""
        read = json.loads(raw)
        line = read if isinstance(read, dict) else {}
        boot, n, digest = line.get("b"), line.get("n"), line.get("h")
        if not (isinstance(boot, str) and 0 < len(boot) <= 40):
            raise ValueError("b is not a boot id")
        if type(n) is not int or not 0 < n < 2**53:
            raise ValueError("n is not a positive integer")
        if not (isinstance(digest, str) and raw.endswith(f',"h":"{digest}"}}'.encode())):
            raise ValueError("h is not the last member")
        if len(digest) != len(GENESIS):
            raise ValueError("h is not a SHA-256 in hexadecimal")
        return cls(boot, n, digest, raw)

    def follows(self, previous: str) -> bool:
        """Whether it is chained to the digest ``previous`` (hex): no line is missing between."""
        unchained = self.raw[:-_TAIL] + b"}"
        return hashlib.sha256(previous.encode() + unchained).hexdigest() == self.digest
