"""What every answer tells the browser not to do, and whose requests the console refuses."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse

from dispatcher.web.limits import App, Message, Receive, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)

_HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class SecurityHeaders:
    """ASGI middleware. ``https``: also ask browsers to come by HTTPS only, for a year."""

    def __init__(self, app: App, *, https: bool) -> None:
        self._app = app
        strict = {"strict-transport-security": "max-age=31536000"} if https else {}
        self._extra = [
            (name.encode(), value.encode()) for name, value in {**_HEADERS, **strict}.items()
        ]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                if not any(name == b"cache-control" for name, _ in given):
                    given.append((b"cache-control", b"no-store"))
                message = {**message, "headers": given + self._extra}
            await send(message)

        await self._app(scope, receive, stamped if scope["type"] == "http" else send)


class OwnPages:
    """ASGI middleware: unsafe requests to the console come from its own pages or not at all.

    By Fetch Metadata, or by Origin where a browser sends none. ``own``: host[:port] under which
    the installation is reached; the host that the request names counts too.
    """

    def __init__(self, app: App, *, own: str) -> None:
        self._app, self._own = app, own

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        guarded = (
            scope["type"] == "http"
            and scope["path"].startswith("/console")
            and scope["method"] not in _SAFE
        )
        if guarded and not self._same_site(Headers(scope=scope)):
            answer = PlainTextResponse(_FOREIGN, 403)
            await answer(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _same_site(self, headers: Headers) -> bool:
        if site := headers.get("sec-fetch-site"):
            return site == "same-origin"
        return urlsplit(headers.get("origin", "")).netloc in {self._own, headers.get("host")}


_FOREIGN = "Yêu cầu không đến từ trang của hệ thống. Not from this site's own page.\n"
