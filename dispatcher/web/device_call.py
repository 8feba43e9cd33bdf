"""A device's request, read: nothing here is trusted before its MAC is."""

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from dispatcher.domain.device import LogLine
from dispatcher.web.device_auth import Signable

#: Intermediaries cut connections that are silent for 60 s.
LONGEST_WAIT_S = 55.0

#: Lines of one report, and its size on the wire and unpacked.
MOST_LINES = 500
MOST_BYTES = 1 << 20

_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class Call:
    """A request; ``path`` holds the parts named by its route."""

    signable: Signable
    query: Mapping[str, Sequence[str]]
    path: Mapping[str, str]

    @property
    def headers(self) -> Mapping[str, str]:
        return self.signable.headers

    @property
    def held(self) -> str:
        """The entity tag of the manifest that the device has."""
        return self.headers.get("if-none-match", "")

    @property
    def wait_s(self) -> float:
        """How long the device will wait for a newer manifest."""
        asked = self.query.get("wait", ["0"])[0]
        return min(float(asked), LONGEST_WAIT_S) if asked.isascii() and asked.isdigit() else 0.0

    def state(self) -> bytes:
        """The ``Loa-State`` unpacked; empty if it is absent or unreadable."""
        text = self.headers.get("loa-state", "")
        try:
            return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        except ValueError:
            return b""

    def log_lines(self) -> list[LogLine]:
        """The lines of a report. Raises ValueError, which says which line is wrong."""
        raw = self._unpacked().splitlines()
        if len(raw) > MOST_LINES:
            raise ValueError(f"more than {MOST_LINES} lines")
        return [_line(number, each) for number, each in enumerate(raw, 1)]

    def _unpacked(self) -> bytes:
        if self.headers.get("content-encoding") != "gzip":
            return self.signable.body
        unpacker = zlib.decompressobj(_GZIP)
        try:
            body = unpacker.decompress(self.signable.body, MOST_BYTES)
        except zlib.error as error:
            raise ValueError("not gzip") from error
        if not unpacker.eof:
            raise ValueError(f"cut short, or more than {MOST_BYTES} bytes unpacked")
        return body


def read_call(scope: Any, body: bytes, path: Mapping[str, str]) -> Call:
    """The call of an ASGI HTTP scope."""
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
    }
    query = scope["query_string"].decode("latin-1")
    target = scope["raw_path"].decode("latin-1") + (f"?{query}" if query else "")
    return Call(Signable(scope["method"], target, headers, body), parse_qs(query), path)


def _line(number: int, raw: bytes) -> LogLine:
    try:
        return LogLine.parse(raw)
    except ValueError as error:
        raise ValueError(f"line {number}: {error}") from error
