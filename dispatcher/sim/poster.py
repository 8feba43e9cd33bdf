"""Posts callbacks over kept-alive connections, fast enough to outrun the engine under test.

A general HTTP client costs several times what the simulator itself does; callbacks are all of
one shape, so a page of protocol is enough.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import cast
from urllib.parse import urlsplit

import httptools

TIMEOUT = 10.0
CONNECTIONS = 32


class Line(asyncio.Protocol):
    """One connection; one request at a time."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.used = False
        self._answer: asyncio.Future[int] | None = None
        self._parser = httptools.HttpResponseParser(self)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(ConnectionError(f"answer is not HTTP: {error}"))

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        self._fail(exc or ConnectionResetError("connection closed before the answer"))

    def on_message_complete(self) -> None:
        """The parser's callback: the answer is whole."""
        if not self._parser.should_keep_alive() and self.transport:
            self.transport.close()
            self.transport = None
        if self._answer and not self._answer.done():
            self._answer.set_result(self._parser.get_status_code())
        self._parser = httptools.HttpResponseParser(self)

    async def exchange(self, request: bytes) -> int:
        """Send one request; the answer's status."""
        if self.transport is None:
            raise ConnectionResetError("connection closed while idle")
        self._answer = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        status = await self._answer
        self.used = True
        return status

    def close(self) -> None:
        """Hang up."""
        if self.transport:
            self.transport.close()

    def _fail(self, error: Exception) -> None:
        if self._answer and not self._answer.done():
            self._answer.set_exception(error)


class Poster:
    """A pool of lines per origin; `connections` bounds how many requests are in flight."""

    def __init__(self, connections: int = CONNECTIONS, timeout: float = TIMEOUT) -> None:
        self._timeout = timeout
        self._turn = asyncio.Semaphore(connections)
        self._idle: dict[tuple[str, int], list[Line]] = {}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """POST to a plain-http URL; the answer's status. Raises OSError or TimeoutError."""
        host, port, path = _target(url)
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        head = f"POST {path} HTTP/1.1\r\nHost: {host}:{port}\r\n{lines}Content-Length: {len(body)}"
        async with self._turn, asyncio.timeout(self._timeout):
            return await self._exchange((host, port), f"{head}\r\n\r\n".encode() + body)

    async def _exchange(self, origin: tuple[str, int], request: bytes) -> int:
        line = await self._line(origin)
        try:
            status = await self._once_more_if_stale(line, origin, request)
        except BaseException:
            line.close()
            raise
        return status

    async def _once_more_if_stale(self, line: Line, origin: tuple[str, int], request: bytes) -> int:
        try:
            status = await line.exchange(request)
        except ConnectionError:
            # The other side may close an idle connection at any moment (RFC 9112 section 9.5).
            if not line.used:
                raise
            line = await self._connect(origin)
            status = await line.exchange(request)
        if line.transport:
            self._idle.setdefault(origin, []).append(line)
        return status

    async def _line(self, origin: tuple[str, int]) -> Line:
        idle = self._idle.get(origin, [])
        while idle:
            line = idle.pop()
            if line.transport:
                return line
        return await self._connect(origin)

    async def _connect(self, origin: tuple[str, int]) -> Line:
        loop = asyncio.get_running_loop()
        _, line = await loop.create_connection(Line, *origin)
        return line


@lru_cache(maxsize=1024)
def _target(url: str) -> tuple[str, int, str]:
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        raise OSError(f"callbacks go to http://host… only, not to {url}")
    path = parts.path or "/"
    return parts.hostname, parts.port or 80, f"{path}?{parts.query}" if parts.query else path
