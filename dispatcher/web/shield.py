"""What every answer tells the browser not to do, and whose requests the console refuses."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from dispatcher.domain.errors import Forbidden
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


def check_origin(method: str, headers: Mapping[str, str], own: frozenset[str]) -> None:
    """Refuse an unsafe request that another site's page made (Fetch Metadata, Origin).

    ``own``: hosts under which this installation is reached. Raises Forbidden.
    """
    if method in _SAFE:
        return
    site = headers.get("sec-fetch-site", "")
    origin = headers.get("origin", "")
    allowed = site == "same-origin" if site else urlsplit(origin).netloc in own
    if not allowed:
        raise Forbidden(
            "foreign_origin",
            "Yêu cầu không đến từ trang của hệ thống. Tải lại trang rồi thử lại.",
            "The request did not come from this site's own page. Reload and try again.",
        )
