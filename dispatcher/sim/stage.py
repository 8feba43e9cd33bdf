"""The ASGI application around a simulated provider: manners, measurements and control.

A provider only answers requests; whether the answer is late, cut off, garbled or never given
is decided here. `/_sim/*` is for the person who runs the test, never for the client under test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

from .misbehave import TAKEN, Fault, Manners, Temper, changed, shown
from .seen import Seen
from .wire import BadBodyError, Reply, Request, reply_json

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

GARBLED = b'{"sta\xff\xfe<html>'


class Provider(Protocol):
    """One provider's wire."""

    def answer(self, request: Request) -> Reply:
        """Do the work and answer. Raises BadBodyError for what cannot be parsed."""

    def unavailable(self, status: int) -> Reply:
        """What the provider's front door says when it is down."""

    def too_many(self, retry_after: int) -> Reply:
        """What the provider says to whom sends too fast; `retry_after` in seconds."""

    def reset(self) -> None:
        """Forget all messages, keep credentials."""


class Stage:
    """The ASGI application. `monotonic` gives seconds."""

    def __init__(
        self,
        provider: Provider,
        temper: Temper,
        seen: Seen,
        monotonic: Callable[[], float],
    ) -> None:
        self._provider = provider
        self._temper = temper
        self._seen = seen
        self._monotonic = monotonic
        self._controls: dict[tuple[str, str], Callable[[Request], Reply]] = {
            ("GET", "/_sim/seen"): self._report,
            ("GET", "/_sim/messages"): self._messages,
            ("GET", "/_sim/manners"): lambda _: reply_json(200, shown(temper.manners)),
            ("POST", "/_sim/manners"): self._adopt,
            ("POST", "/_sim/reset"): self._reset,
        }

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["path"].startswith("/_sim/"):
            await _respond(send, self._control(await _read(scope, receive)))
            return
        now = self._monotonic()
        self._seen.arrived(now)
        fault = self._temper.fault(now)
        if fault is not Fault.NONE:
            self._seen.faults[fault.value] += 1
        if fault is Fault.CUT_BEFORE:
            await _cut(scope, receive)
            return
        reply = self._reply(await _read(scope, receive), fault)
        await self._deliver(reply, fault, scope, receive, send)

    def _reply(self, request: Request, fault: Fault) -> Reply:
        if fault in TAKEN:
            reply = self._answer(request)
        elif fault is Fault.TOO_MANY:
            reply = self._provider.too_many(self._temper.manners.retry_after)
        else:
            reply = self._provider.unavailable(self._temper.manners.error_status)
        self._seen.statuses[str(reply.status)] += 1
        return reply

    def _answer(self, request: Request) -> Reply:
        try:
            return self._provider.answer(request)
        except BadBodyError as error:
            return Reply(400, str(error).encode(), "text/plain")

    async def _deliver(
        self, reply: Reply, fault: Fault, scope: Message, receive: Receive, send: Send
    ) -> None:
        if latency := self._temper.latency():
            await asyncio.sleep(latency)
        if fault is Fault.HANG:
            await _wait(receive, self._temper.manners.hang_time)
        if fault in (Fault.CUT_AFTER, Fault.HANG):
            await _cut(scope, receive)
        elif fault is Fault.CUT_WITHIN:
            await _respond_half(send, reply)
            await _cut(scope, receive)
        elif fault is Fault.MALFORMED:
            await _respond(send, Reply(reply.status, GARBLED, reply.content_type))
        else:
            await _respond(send, reply)

    def _control(self, request: Request) -> Reply:
        control = self._controls.get((request.method, request.path))
        if control is None:
            return reply_json(404, {"controls": [" ".join(key) for key in self._controls]})
        try:
            return control(request)
        except ValueError as error:
            return reply_json(400, {"error": str(error)})

    def _report(self, _: Request) -> Reply:
        return reply_json(200, self._seen.report(self._monotonic()))

    def _messages(self, request: Request) -> Reply:
        params = request.params()
        found = self._seen.messages(params.get("to", ""), int(params.get("limit", "100")))
        return reply_json(200, found)

    def _adopt(self, request: Request) -> Reply:
        changes = request.json()
        base = Manners() if changes.pop("afresh", False) else self._temper.manners
        self._temper.adopt(changed(base, changes), self._monotonic())
        return reply_json(200, shown(self._temper.manners))

    def _reset(self, _: Request) -> Reply:
        self._seen.reset(self._monotonic())
        self._provider.reset()
        return Reply(204)


async def _read(scope: Message, receive: Receive) -> Request:
    chunks = []
    more = True
    while more:
        message = await receive()
        chunks.append(message.get("body", b""))
        more = message.get("more_body", False)
    return Request(
        scope["method"],
        scope["path"],
        scope["query_string"],
        dict(scope["headers"]),
        b"".join(chunks),
    )


async def _start(send: Send, reply: Reply) -> None:
    headers = [(b"content-length", str(len(reply.body)).encode())]
    if reply.body:
        headers.append((b"content-type", reply.content_type.encode()))
    headers += [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})


async def _respond(send: Send, reply: Reply) -> None:
    await _start(send, reply)
    await send({"type": "http.response.body", "body": reply.body})


async def _respond_half(send: Send, reply: Reply) -> None:
    await _start(send, reply)
    half = reply.body[: len(reply.body) // 2]
    await send({"type": "http.response.body", "body": half, "more_body": True})


async def _cut(scope: Message, receive: Receive) -> None:
    """Close the connection under the client; returns when the server knows it is gone."""
    scope["extensions"]["sim.close"]()
    while (await receive())["type"] != "http.disconnect":
        pass


async def _wait(receive: Receive, seconds: float) -> None:
    """Wait, or until the client gives up."""
    try:
        await asyncio.wait_for(receive(), seconds)
    except TimeoutError:
        return
