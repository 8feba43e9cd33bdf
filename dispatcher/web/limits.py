"""How much a request may bring. Counted as it arrives, whatever Content-Length says."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

from dispatcher.web.problems import MEDIA_TYPE

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MIB = 1 << 20

#: Bytes by the beginning of the path, the first that fits; the device gateway has its own.
_MOST = (
    ("/v1/contacts/import", 64 * MIB),
    ("/v1/reconciliations", 64 * MIB),
    ("/callbacks/", MIB // 4),
    ("/devices/", 16 * MIB),
    ("", MIB),
)

_TOO_LARGE = (
    '{"type":"/problems/too_large","title":"Dữ liệu gửi lên quá lớn.","status":413,'
    '"detail":"The request is too large.","code":"too_large","field":""}'
).encode()


class BodyLimit:
    """ASGI middleware: 413 before reading when announced, 413 while reading when not."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = next(most for start, most in _MOST if scope["path"].startswith(start))
        if _announced(scope) > most:
            await _refuse(send)
            return
        await self._app(scope, _counting(receive, most), send)


def _announced(scope: Message) -> int:
    value = dict(scope["headers"]).get(b"content-length", b"0")
    return int(value) if value.isdigit() else 0


def _counting(receive: Receive, most: int) -> Receive:
    taken = 0

    async def counted() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > most:
            raise HTTPException(413)
        return message

    return counted


async def _refuse(send: Send) -> None:
    headers = [(b"content-type", MEDIA_TYPE.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": _TOO_LARGE})
