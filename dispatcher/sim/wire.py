"""One HTTP request and one answer, as plain values that every simulator handles alike."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

JSON = "application/json"


class BadBodyError(ValueError):
    """The body is not what its content type promises."""


@dataclass(slots=True)
class Request:
    """A request with its whole body; header names are lower-case bytes, as ASGI gives them."""

    method: str
    path: str
    query: bytes
    headers: dict[bytes, bytes]
    body: bytes

    def header(self, name: str) -> str:
        """The header's value, or an empty string."""
        return self.headers.get(name.encode(), b"").decode("latin-1")

    def params(self) -> dict[str, str]:
        """The query string's fields; the last of equal names wins."""
        return dict(parse_qsl(self.query.decode("latin-1")))

    def form(self) -> dict[str, str]:
        """The form-encoded body's fields; the last of equal names wins."""
        try:
            return dict(parse_qsl(self.body.decode()))
        except UnicodeDecodeError as error:
            raise BadBodyError("body is not UTF-8") from error

    def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        try:
            value = json.loads(self.body)
        except ValueError as error:
            raise BadBodyError("body is not JSON") from error
        if not isinstance(value, dict):
            raise BadBodyError("body is not a JSON object")
        return value


@dataclass(slots=True)
class Reply:
    """What goes back over the wire."""

    status: int
    body: bytes = b""
    content_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)


def compact(value: object) -> bytes:
    """JSON without blanks, in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def reply_json(status: int, value: object) -> Reply:
    """A JSON answer."""
    return Reply(status, compact(value))
