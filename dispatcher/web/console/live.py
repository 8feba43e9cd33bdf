"""Live progress: one poller per process looks at what is being watched and tells the watchers."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Self

from starlette.concurrency import run_in_threadpool

from dispatcher.bootstrap import Runtime
from dispatcher.ledger import dispatches
from dispatcher.web.overview import Overview, overview

log = logging.getLogger(__name__)

#: Seconds between two looks, between two signs of life, and until a stream asks for a new request
#: (which checks the session again).
_LOOK_S, _BEAT_S, _STREAM_S = 1.0, 15.0, 300.0


class Live:
    """What is watched, as last seen. Use as an asynchronous context manager."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._watchers: dict[int, int] = {}
        self._seen: dict[int, tuple[str, Overview]] = {}
        self._changed = asyncio.Condition()
        self._task: asyncio.Task[None] | None = None
        self._over = False

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._poll())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """End every stream; browsers come back to whoever answers next."""
        async with self._changed:
            self._over = True
            self._changed.notify_all()
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def follow(self, dispatch: int, last: str) -> AsyncIterator[tuple[str, Overview] | None]:
        """(mark, overview) whenever it differs from the mark ``last``; None as a sign of life."""
        self._watchers[dispatch] = self._watchers.get(dispatch, 0) + 1
        loop = asyncio.get_running_loop()
        until = loop.time() + _STREAM_S
        try:
            while loop.time() < until and not self._over:
                news = await self._next(dispatch, last)
                if news:
                    last = news[0]
                yield news
        finally:
            self._leave(dispatch)

    async def _next(self, dispatch: int, last: str) -> tuple[str, Overview] | None:
        def differs() -> bool:
            return self._over or self._seen.get(dispatch, (last,))[0] != last

        async with self._changed:
            try:
                await asyncio.wait_for(self._changed.wait_for(differs), _BEAT_S)
            except TimeoutError:
                return None
            return None if self._over else self._seen[dispatch]

    def _leave(self, dispatch: int) -> None:
        self._watchers[dispatch] -= 1
        if not self._watchers[dispatch]:
            del self._watchers[dispatch]
            self._seen.pop(dispatch, None)

    async def _poll(self) -> None:
        while True:
            await asyncio.sleep(_LOOK_S)
            if not self._watchers:
                continue
            try:
                seen = await run_in_threadpool(self._look, list(self._watchers))
            except Exception:
                # One look that fails must not leave every live page of this process standing.
                log.exception("a look at what is watched failed; the next one tries again")
                continue
            async with self._changed:
                self._seen |= {each: news for each, news in seen.items() if each in self._watchers}
                self._changed.notify_all()

    def _look(self, wanted: list[int]) -> dict[int, tuple[str, Overview]]:
        found = {}
        with self._runtime.ledger.read() as conn:
            for each in wanted:
                row = dispatches.load(conn, each)
                if row is not None:
                    shown = overview(conn, self._runtime.traits, row)
                    found[each] = (mark(shown), shown)
        return found


def mark(shown: Overview) -> str:
    """A short name for exactly this standing: the event's id."""
    return hashlib.sha256(shown.model_dump_json().encode()).hexdigest()[:16]
