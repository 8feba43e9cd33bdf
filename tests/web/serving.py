"""The application on a real socket, served by uvicorn in a thread, and a browser's way in."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

import api
from dispatcher.web.server import Server
from tests.web.world import World


@contextmanager
def served(world: World) -> Iterator[str]:
    """The URL under which the world's application listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            api.create_app(world.runtime), log_config=None, timeout_graceful_shutdown=2
        )
        server = Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(10)
