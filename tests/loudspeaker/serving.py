"""Serves an ASGI application on loopback with uvicorn, in a thread, and can die."""

import socket
import threading
import time
from typing import Any, Self

import uvicorn


class Server:
    """``app`` on a free port; ``cut_media``: bytes of a sound before the connection breaks."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self.cut_media = 0
        self.requests: list[str] = []
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(
            self._serve,
            interface="asgi3",
            log_config=None,
            lifespan="on",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )

    def __enter__(self) -> Self:
        self._thread.start()
        deadline = time.monotonic() + 10
        while not self._server.started and time.monotonic() < deadline:
            time.sleep(0.01)
        return self

    def __exit__(self, *_: object) -> None:
        self.die()

    def die(self) -> None:
        """Close every connection and stop listening."""
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(10)
        self._socket.close()

    async def _serve(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            self.requests.append(scope["path"])
        if self.cut_media and "/media/" in scope.get("path", ""):
            await self._app(scope, receive, _Cutter(send, self.cut_media))
        else:
            await self._app(scope, receive, send)


class _Cutter:
    """Sends the start of a body, then nothing: uvicorn closes a reply that stays unfinished."""

    def __init__(self, send: Any, most: int) -> None:
        self._send = send
        self._most = most

    async def __call__(self, message: dict[str, Any]) -> None:
        if len(message.get("body", b"")) > self._most:
            message = {**message, "body": message["body"][: self._most], "more_body": True}
        await self._send(message)
