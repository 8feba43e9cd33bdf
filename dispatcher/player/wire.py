"""The wire of LOA/1 as a device speaks it: one connection a request, which any network survives."""

import base64
import gzip
import hashlib
import hmac
import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from dispatcher.player.clock import Clock

_TIMEOUT_S = 20

#: A report longer than this is packed.
_PACK_BYTES = 1024

#: What may go wrong between here and the server; all of it means: later.
NETWORK_ERRORS = (OSError, http.client.HTTPException)


@dataclass(frozen=True, slots=True)
class Exchange:
    """What to ask."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    timeout_s: float = _TIMEOUT_S


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Wire:
    """Signs requests with the device's key, under the server's latest nonce. For one thread."""

    def __init__(self, url: str, device: str, key: bytes, clock: Clock) -> None:
        self._parts = urlsplit(url)
        self._root = self._parts.path.rstrip("/") + "/devices/v1"
        self._device = device
        self._key = key
        self._clock = clock
        self._nonce = "0." + "0" * 32
        self.stepped: Callable[[int], None] = lambda _step_ms: None

    def poll(self, held: int, state: Mapping[str, object], wait_s: int) -> Answer:
        """Ask for a manifest other than ``held``; the server answers within ``wait_s``."""
        text = json.dumps(state, separators=(",", ":")).encode()
        headers = {
            "If-None-Match": f'"{held}"',
            "Loa-State": base64.urlsafe_b64encode(text).decode().rstrip("="),
        }
        target = f"{self._root}/{self._device}/manifest?wait={wait_s}"
        return self._read(Exchange("GET", target, headers, timeout_s=wait_s + _TIMEOUT_S))

    def report(self, lines: Sequence[bytes]) -> Mapping[str, int]:
        """Hand in lines of the log; per boot, up to which n they are safe with the server."""
        body = b"\n".join(lines)
        headers = {"Content-Type": "application/x-ndjson"}
        if len(body) > _PACK_BYTES:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        target = f"{self._root}/{self._device}/events"
        answer = self._read(Exchange("POST", target, headers, body))
        if answer.status != 200:
            raise http.client.HTTPException(f"events: {answer.status} {answer.body[:200]!r}")
        acked: Mapping[str, int] = json.loads(answer.body)["acked"]
        return acked

    def sound(self, sha256: str, start: int, take: Callable[[bytes], None]) -> int:
        """Fetch a sound from byte ``start`` on, handing over what comes; the reply's status.

        416 and 200 (when a part was asked for) hand over nothing: begin anew.
        """
        headers = {"Range": f"bytes={start}-", "If-Range": f'"{sha256}"'} if start else {}
        exchange = Exchange("GET", f"{self._root}/media/{sha256}", headers)
        connection, response = self._exchange(exchange)
        try:
            if response.status == (206 if start else 200):
                while piece := response.read(16_384):
                    take(piece)
        finally:
            connection.close()
        return response.status

    def _read(self, exchange: Exchange) -> Answer:
        connection, response = self._exchange(exchange)
        try:
            headers = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, headers, response.read())
        finally:
            connection.close()

    def _exchange(
        self, exchange: Exchange
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        """Ask, and ask once more if the nonce was too old."""
        connection, response = self._ask(exchange)
        if response.status == 401:
            connection.close()
            connection, response = self._ask(exchange)
        return connection, response

    def _ask(
        self, exchange: Exchange
    ) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
        secure = self._parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = kind(self._parts.netloc, timeout=exchange.timeout_s)
        headers = {**exchange.headers, "Authorization": self._authorization(exchange)}
        try:
            connection.connect()
            sent = self._clock.monotonic()
            connection.request(exchange.method, exchange.target, exchange.body, headers)
            response = connection.getresponse()
        except BaseException:
            connection.close()
            raise
        self._learn(response, sent)
        return connection, response

    def _learn(self, response: http.client.HTTPResponse, sent: float) -> None:
        self._nonce = response.getheader("Loa-Nonce") or self._nonce
        stamp = response.getheader("Loa-Time", "")
        if stamp.isascii() and stamp.isdigit():
            step_ms = self._clock.hear(int(stamp), sent, self._clock.monotonic())
            if step_ms:
                self.stepped(step_ms)

    def _authorization(self, exchange: Exchange) -> str:
        state = exchange.headers.get("Loa-State", "")
        digest = hashlib.sha256(exchange.body).hexdigest()
        text = f"LOA/1\n{exchange.method}\n{exchange.target}\n{self._nonce}\n{state}\n{digest}"
        mac = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        return f'Loa-Device id="{self._device}", nonce="{self._nonce}", mac="{mac}"'
