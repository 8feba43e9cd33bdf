"""Who a device is: HMAC-SHA256 with its own key over a nonce of ours (docs/loa-1.md §2).

The nonce, not a date, bounds replay: a device without a clock must be able to speak. It is
derived from our clock and a secret that all gateways of an installation share, so that none of
them has to remember it and any may check another's.
"""

import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: A nonce is good for this long. Within it a captured request can only be repeated, and every
#: request of the protocol is harmless when repeated.
NONCE_S = 600

_CREDENTIALS = re.compile(
    r'Loa-Device id="(?P<device>[A-Z0-9-]{3,40})", ?nonce="(?P<nonce>[0-9]{1,12}\.[0-9a-f]{32})", ?'
    r'mac="(?P<mac>[0-9a-f]{64})"'
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an ``Authorization`` header claims."""

    device: str
    nonce: str
    mac: str

    @classmethod
    def read(cls, header: str) -> "Credentials | None":
        match = _CREDENTIALS.fullmatch(header)
        return cls(**match.groupdict()) if match else None

    def prove(self, key: bytes, request: "Signable") -> bool:
        """Whether whoever made them holds ``key`` and meant this request."""
        return hmac.compare_digest(self.mac, request.mac(key, self.nonce))


@dataclass(frozen=True, slots=True)
class Signable:
    """The parts of a request that its MAC covers; ``target``: path and query as sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    def mac(self, key: bytes, nonce: str) -> str:
        state = self.headers.get("loa-state", "")
        digest = hashlib.sha256(self.body).hexdigest()
        text = f"LOA/1\n{self.method}\n{self.target}\n{nonce}\n{state}\n{digest}"
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Nonces:
    """Issues nonces and knows its own. ``secret`` is asked when used; ``now`` tells epoch ms."""

    def __init__(self, secret: Callable[[], bytes], now: Callable[[], int]) -> None:
        self._secret = secret
        self._now = now

    def issue(self) -> str:
        return self._of(self._now() // 1000)

    def fresh(self, nonce: str) -> bool:
        second = int(nonce.partition(".")[0])
        age = self._now() // 1000 - second
        # Gateways' clocks may differ by a few seconds.
        return -10 <= age <= NONCE_S and hmac.compare_digest(nonce, self._of(second))

    def _of(self, second: int) -> str:
        mac = hmac.new(self._secret(), b"LOA/1 nonce %d" % second, hashlib.sha256)
        return f"{second}.{mac.hexdigest()[:32]}"
