"""The wire of LOA/1 for thousands of simulated speakers in one event loop."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit


class Connection:
    """One speaker's connection, opened anew when it breaks. Raises OSError or EOFError."""

    def __init__(self, url: str, device: str, key: bytes) -> None:
        self._parts = urlsplit(url)
        self._root = self._parts.path.rstrip("/") + "/devices/v1"
        self._device = device
        self._key = key
        self._nonce = "0." + "0" * 32
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def manifest(
        self, held: int, state: Mapping[str, object], wait_s: int
    ) -> Mapping[str, object] | None:
        """The newer manifest, or None if there is none."""
        text = base64.urlsafe_b64encode(json.dumps(state).encode()).decode().rstrip("=")
        headers = {"If-None-Match": f'"{held}"', "Loa-State": text}
        target = f"/{self._device}/manifest?wait={wait_s}"
        status, body = await self._call("GET", target, headers, b"")
        if status == 304:
            return None
        _expect(status, 200)
        read: Mapping[str, object] = json.loads(body)
        return read

    async def sound(self, sha256: str) -> bytes:
        """A sound, proved by its name."""
        status, body = await self._call("GET", f"/media/{sha256}", {}, b"")
        _expect(status, 200)
        if hashlib.sha256(body).hexdigest() != sha256:
            raise OSError("not the promised sound")
        return body

    async def report(self, lines: Sequence[bytes]) -> None:
        """Hand in lines of the log."""
        status, _ = await self._call("POST", f"/{self._device}/events", {}, b"\n".join(lines))
        _expect(status, 200)

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _call(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        """Once more under a new nonce when the old one was refused."""
        status, reply = await self._ask(method, self._root + target, headers, body)
        if status == 401:
            status, reply = await self._ask(method, self._root + target, headers, body)
        return status, reply

    async def _ask(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, bytes]:
        try:
            reader, writer = self._streams = self._streams or await self._connect()
            lines = [f"{method} {target} HTTP/1.1", f"Host: {self._parts.netloc}"]
            lines += [f"{name}: {value}" for name, value in headers.items()]
            lines += [f"Authorization: {self._authorization(method, target, headers, body)}"]
            lines += [f"Content-Length: {len(body)}", "", ""]
            writer.write("\r\n".join(lines).encode() + body)
            return await self._read(reader)
        except BaseException:
            self.close()
            raise

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        secure = self._parts.scheme == "https"
        port = self._parts.port or (443 if secure else 80)
        context = ssl.create_default_context() if secure else None
        return await asyncio.open_connection(self._parts.hostname, port, ssl=context)

    async def _read(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = {
            name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head)
        }
        self._nonce = headers.get("loa-nonce", self._nonce)
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split()[1]), body

    def _authorization(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes
    ) -> str:
        state = headers.get("Loa-State", "")
        digest = hashlib.sha256(body).hexdigest()
        text = f"LOA/1\n{method}\n{target}\n{self._nonce}\n{state}\n{digest}"
        mac = hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
        return f'Loa-Device id="{self._device}", nonce="{self._nonce}", mac="{mac}"'


def _expect(status: int, wanted: int) -> None:
    if status != wanted:
        raise OSError(f"HTTP {status}")
