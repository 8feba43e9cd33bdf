"""uvicorn, told to answer held long-polls before it waits for connections to end."""

import socket
from typing import Any

import uvicorn


class Server(uvicorn.Server):
    """Expects the application's device gateway and live pages at ``app.state``."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app: Any = self.config.app
        await app.state.gateway.close()
        await app.state.live.close()
        await super().shutdown(sockets)
