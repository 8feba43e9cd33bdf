"""Reading requests and writing replies without a framework."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole reply."""

    status: int
    body: bytes | memoryview = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def problem(status: int, words: str, headers: Mapping[str, str] | None = None) -> Reply:
    """An error as RFC 9457 has it."""
    body = json.dumps({"status": status, "title": words}).encode()
    return Reply(status, body, "application/problem+json", headers or {})


async def read_body(receive: Any, most: int) -> bytes | None:
    """The body of an ASGI request, or None if it has more than ``most`` bytes."""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body", False):
            return bytes(body)


async def finish(send: Any, reply: Reply, stamp: Mapping[str, str]) -> None:
    """Send a reply with the headers ``stamp`` added."""
    headers = {**reply.headers, **stamp}
    if reply.status not in {204, 304}:
        headers["content-length"] = str(len(reply.body))
    if reply.content_type:
        headers["content-type"] = reply.content_type
    raw = [
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": raw})
    await send({"type": "http.response.body", "body": bytes(reply.body)})
