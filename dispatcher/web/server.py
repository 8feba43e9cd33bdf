"""uvicorn, told to answer held long-polls before it waits for connections to end."""

import socket

import uvicorn


class Server(uvicorn.Server):
    """Expects the application's gateway at ``app.state.gateway``."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await self.config.app.state.gateway.close()
        await super().shutdown(sockets)
