"""The device gateway: what speakers fetch and what they report (docs/loa-1.md).

A raw ASGI application, because thousands of speakers hold a request open here. It keeps nothing:
what it serves comes from the desk, whose methods run in threads of their own.
"""

import asyncio
import json
import logging
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from dispatcher.domain.device import Device, DeviceState, SignedManifest
from dispatcher.web.device_auth import Credentials, Nonces
from dispatcher.web.device_call import MOST_BYTES, Call, read_call
from dispatcher.web.device_desk import DeviceDesk
from dispatcher.web.device_media import MediaShelf
from dispatcher.web.device_reply import Reply, finish, problem, read_body
from dispatcher.web.device_threads import Threads
from dispatcher.web.device_watch import Watch

log = logging.getLogger(__name__)


def create_gateway(
    desk: DeviceDesk,
    secret: Callable[[], bytes],
    now: Callable[[], int],
    *,
    watch_s: float = 0.25,
    threads: int = 8,
) -> "Gateway":
    """The gateway as an ASGI application serving ``/devices/v1/…``.

    ``secret``: tells what all gateways of an installation share; not asked before a first request,
    because the database may be empty until then. ``now``: epoch ms; ``watch_s``: how often changed
    manifests are looked for. Its watch starts with the first request; ``await gateway.close()``
    answers what is held and ends it.
    """
    return Gateway(desk, Nonces(secret, now), now, Threads(threads), watch_s)


class Gateway:
    """Routes, authenticates and answers."""

    def __init__(
        self,
        desk: DeviceDesk,
        nonces: Nonces,
        now: Callable[[], int],
        threads: Threads,
        watch_s: float,
    ) -> None:
        self._desk = desk
        self._nonces = nonces
        self._now = now
        self._threads = threads
        self._watch = Watch(desk, threads, watch_s)
        self._shelf = MediaShelf()
        device = r"/devices/v1/(?P<device>[A-Z0-9-]{3,40})"
        media = r"/devices/v1/media/(?P<sha256>[0-9a-f]{64})"
        self._routes: Sequence[tuple[str, re.Pattern[str], Callable[[Call], Awaitable[Reply]]]] = (
            ("GET", re.compile(device + "/manifest$"), self._manifest),
            ("POST", re.compile(device + "/events$"), self._events),
            ("GET", re.compile(media + "$"), self._media),
            ("GET", re.compile("/devices/v1/time$"), self._time),
        )

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            reply = await self._reply(scope, receive)
            stamp = {"loa-time": str(self._now()), "loa-nonce": self._nonces.issue()}
            await finish(send, reply, stamp)

    async def close(self) -> None:
        """Answer held polls, write gathered states, end the threads."""
        await self._watch.stop()
        self._threads.close()

    async def _live(self, receive: Any, send: Any) -> None:
        kind = ""
        while kind != "lifespan.shutdown":
            kind = (await receive())["type"]
            if kind == "lifespan.shutdown":
                await self.close()
            await send({"type": kind + ".complete"})

    async def _reply(self, scope: Any, receive: Any) -> Reply:
        for method, pattern, answer in self._routes:
            match = pattern.search(scope["path"])
            if match is None:
                continue
            if scope["method"] != method:
                return problem(405, f"{method} only", {"allow": method})
            body = await read_body(receive, MOST_BYTES)
            if body is None:
                return problem(413, f"more than {MOST_BYTES} bytes")
            return await _guarded(answer(read_call(scope, body, match.groupdict())))
        return problem(404, "no such resource")

    async def _time(self, _call: Call) -> Reply:
        return Reply(200, json.dumps({"ms": self._now()}).encode(), "application/json")

    async def _manifest(self, call: Call) -> Reply:
        await self._watch.start()
        with self._watch.expecting(call.path["device"]) as changed:
            device = await self._admit(call)
            if isinstance(device, Reply):
                return device
            self._watch.note(DeviceState(call.path["device"], self._now(), call.state()))
            if device.seq and call.held != _tag(device.seq):
                return await self._present(call.path["device"])
            return await _next_manifest(changed, call.wait_s)

    async def _present(self, device: str) -> Reply:
        manifests = await self._threads.run(partial(self._desk.manifests, [device]))
        return _manifest_reply(manifests.get(device))

    async def _media(self, call: Call) -> Reply:
        device = await self._admit(call)
        if isinstance(device, Reply):
            return device
        sha256 = call.path["sha256"]
        sound = self._shelf.get(sha256)
        if sound is None:
            sound = await self._threads.run(partial(self._desk.media, sha256))
            if sound is None:
                return problem(404, "no such sound")
            self._shelf.put(sha256, sound)
        return self._shelf.serve(sha256, sound, call.headers)

    async def _events(self, call: Call) -> Reply:
        device = await self._admit(call)
        if isinstance(device, Reply):
            return device
        try:
            lines = call.log_lines()
        except ValueError as error:
            return problem(400, str(error))
        append = partial(self._desk.append_events, call.path["device"], lines)
        acked = await self._threads.run(append)
        return Reply(200, json.dumps({"acked": dict(acked)}).encode(), "application/json")

    async def _admit(self, call: Call) -> Device | Reply:
        """The device that made this call, or why it is turned away."""
        given = Credentials.read(call.headers.get("authorization", ""))
        if given is None or not self._nonces.fresh(given.nonce):
            return _challenge("a fresh nonce is needed")
        device = await self._threads.run(partial(self._desk.device, given.device))
        if device is None:
            return _challenge("unknown device or wrong key")
        if not given.prove(device.key, call.signable):
            await self._threads.run(partial(self._desk.turned_away, given.device, "wrong_key"))
            return _challenge("unknown device or wrong key")
        if not device.active:
            await self._threads.run(partial(self._desk.turned_away, given.device, "withdrawn"))
            return problem(403, "not for this device")
        if call.path.get("device", given.device) != given.device:
            return problem(403, "not for this device")
        return device


async def _guarded(answer: Awaitable[Reply]) -> Reply:
    """503 when the desk fails: to a device our trouble is a reason to wait, never to forget."""
    try:
        return await answer
    except Exception:
        log.exception("a device could not be answered")
        return problem(503, "try again", {"retry-after": "5"})


async def _next_manifest(changed: "asyncio.Future[SignedManifest | None]", wait_s: float) -> Reply:
    try:
        return _manifest_reply(await asyncio.wait_for(changed, wait_s))
    except TimeoutError:
        return _manifest_reply(None)


def _manifest_reply(manifest: SignedManifest | None) -> Reply:
    if manifest is None:
        return Reply(304)
    headers = {
        "etag": _tag(manifest.seq),
        "loa-signature": manifest.signature,
        "cache-control": "no-store",
    }
    return Reply(200, manifest.body, "application/json", headers)


def _tag(seq: int) -> str:
    return f'"{seq}"'


def _challenge(words: str) -> Reply:
    return problem(401, words, {"www-authenticate": "Loa-Device"})
