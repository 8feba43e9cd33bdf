"""Serves ASGI applications on loopback sockets, with the power to cut a connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

from uvicorn.config import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

BACKLOG = 2048
# Longer than any client's pool keeps a connection, so that the client closes first.
KEEP_ALIVE = 120


class CuttableProtocol(HttpToolsProtocol):
    """Hands the application the means to close its connection: ASGI itself has none."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        extensions: dict[str, Any] = {"sim.close": self.transport.close}
        self.scope["extensions"] = extensions


def loopback(port: int) -> socket.socket:
    """A listening socket on 127.0.0.1; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(BACKLOG)
    return listener


def port_of(listener: socket.socket) -> int:
    """The port the listener got."""
    port: int = listener.getsockname()[1]
    return port


async def serve_http(app: Callable[..., Any], listener: socket.socket) -> asyncio.Server:
    """Serve `app` until the returned server is closed."""
    config = Config(
        app, lifespan="off", access_log=False, log_config=None, timeout_keep_alive=KEEP_ALIVE
    )
    config.load()
    state = ServerState()
    loop = asyncio.get_running_loop()
    return await loop.create_server(
        lambda: CuttableProtocol(config, state, {}), sock=listener, backlog=BACKLOG
    )
