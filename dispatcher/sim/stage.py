"""Stands before a simulated provider: manners, measurements and control.

A provider only answers requests; whether the answer is late, cut off, garbled or never given
is decided here. `/_sim/*` is for the person who runs the test, never for the client under test.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from .misbehave import TAKEN, Fault, Manners, Temper, changed, shown
from .seen import Seen
from .serving import Connection
from .wire import BadBodyError, Reply, Request, reply_json

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
    """Takes every request of one simulator. `monotonic` gives seconds."""

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

    def receive(self, request: Request, connection: Connection) -> None:
        """Answer on the connection, now or later or never."""
        if request.path.startswith("/_sim/"):
            connection.send(self._control(request))
            return
        now = self._monotonic()
        self._seen.arrived(now)
        fault = self._temper.fault(now)
        if fault is not Fault.NONE:
            self._seen.faults[fault.value] += 1
        if fault is Fault.CUT_BEFORE:
            connection.close()
            return
        self._finish(self._reply(request, fault), fault, connection)

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

    def _finish(self, reply: Reply, fault: Fault, connection: Connection) -> None:
        wait = self._temper.latency()
        if fault is Fault.HANG:
            wait += self._temper.manners.hang_time
        if wait:
            loop = asyncio.get_running_loop()
            loop.call_later(wait, _last_word, reply, fault, connection)
        else:
            _last_word(reply, fault, connection)

    def _control(self, request: Request) -> Reply:
        control = self._controls.get((request.method, request.path))
        if control is None:
            return reply_json(404, {"controls": [" ".join(key) for key in self._controls]})
        try:
            return control(request)
        except (TypeError, ValueError) as error:
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


def _last_word(reply: Reply, fault: Fault, connection: Connection) -> None:
    if fault in (Fault.CUT_AFTER, Fault.HANG):
        connection.close()
    elif fault is Fault.CUT_WITHIN:
        connection.send_half(reply)
    elif fault is Fault.MALFORMED:
        connection.send(Reply(reply.status, GARBLED, reply.content_type))
    else:
        connection.send(reply)
