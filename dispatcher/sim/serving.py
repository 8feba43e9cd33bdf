"""A small HTTP/1.1 server on loopback: fast, and able to break off at any point.

A general server would cost more than the simulators' own work, take its share of the machine
from the engine that is being measured, and offers no way to cut a connection.
"""

from __future__ import annotations

import asyncio
import http
import socket
from collections.abc import Callable
from typing import cast

import httptools

from .wire import Reply, Request

BACKLOG = 2048
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REASONS = {status.value: status.phrase for status in http.HTTPStatus}


class Connection(asyncio.Protocol):
    """One client's connection. Requests are answered one at a time, as clients send them."""

    def __init__(self, receive: Callable[[Request, Connection], None]) -> None:
        self._receive = receive
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._headers: dict[bytes, bytes] = {}
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserCallbackError:
            # A mistake in the simulator: the loop prints it.
            self.close()
            raise
        except httptools.HttpParserError:
            self.send(Reply(400))
            self.close()

    def on_message_begin(self) -> None:
        """The parser's callback."""
        self._url, self._headers, self._body = b"", {}, []

    def on_url(self, url: bytes) -> None:
        """The parser's callback: a piece of the target."""
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        """The parser's callback."""
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """The parser's callback: curl asks before it sends a large body (RFC 9110 10.1.1)."""
        if self._headers.get(b"expect", b"").lower() == b"100-continue":
            self._transport.write(CONTINUE)

    def on_body(self, body: bytes) -> None:
        """The parser's callback: a piece of the body."""
        self._body.append(body)

    def on_message_complete(self) -> None:
        """The parser's callback: the request is whole."""
        path, _, query = self._url.partition(b"?")
        method = self._parser.get_method().decode()
        body = b"".join(self._body)
        request = Request(method, path.decode("latin-1"), query, self._headers, body)
        self._receive(request, self)

    def send(self, reply: Reply) -> None:
        """Answer, and hang up if the client asked for it."""
        self._transport.write(encode(reply))
        if not self._parser.should_keep_alive():
            self.close()

    def send_half(self, reply: Reply) -> None:
        """Promise the whole body, send half of it and hang up."""
        missing = len(reply.body) - len(reply.body) // 2
        self._transport.write(encode(reply)[:-missing] if missing else encode(reply))
        self.close()

    def close(self) -> None:
        """Hang up under the client."""
        self._transport.close()


def encode(reply: Reply) -> bytes:
    """The answer as it goes over the wire."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in reply.headers.items())
    if reply.body:
        lines += f"Content-Type: {reply.content_type}\r\n"
    start = f"HTTP/1.1 {reply.status} {REASONS.get(reply.status, '')}\r\n"
    # RFC 9110 section 8.6: a 204 has no Content-Length.
    length = "" if reply.status == 204 else f"Content-Length: {len(reply.body)}\r\n"
    return f"{start}{lines}{length}\r\n".encode() + reply.body


def loopback(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(BACKLOG)
    return listener


def port_of(listener: socket.socket) -> int:
    """The port the listener got."""
    return cast("int", listener.getsockname()[1])


async def serve_http(
    receive: Callable[[Request, Connection], None], listener: socket.socket
) -> asyncio.Server:
    """Serve until the returned server is closed."""
    loop = asyncio.get_running_loop()
    return await loop.create_server(lambda: Connection(receive), sock=listener, backlog=BACKLOG)
