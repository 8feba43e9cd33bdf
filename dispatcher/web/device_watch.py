"""Wakes the long-polls of one process: one reader for all of them, and one writer of states."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from dispatcher.domain.device import DeviceState, SignedManifest
from dispatcher.web.device_desk import DeviceDesk
from dispatcher.web.device_threads import Threads

log = logging.getLogger(__name__)


class Watch:
    """Asks the desk every ``every_s`` seconds which manifests changed, in another thread.

    States are gathered and written in bulk with the same beat: of several from one device in one
    beat the last is kept.
    """

    def __init__(self, desk: DeviceDesk, threads: Threads, every_s: float) -> None:
        self._desk = desk
        self._threads = threads
        self._every_s = every_s
        self._waiting: dict[str, set[asyncio.Future[SignedManifest | None]]] = {}
        self._states: dict[str, DeviceState] = {}
        self._cursor = 0
        self._task: asyncio.Task[None] | None = None
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Begin to watch, once. Changes after this are seen by whoever expects them."""
        async with self._starting:
            if self._task is None:
                self._cursor, _ = await self._threads.run(partial(self._desk.changed_since, None))
                self._task = asyncio.create_task(self._run(), name="device watch")

    async def stop(self) -> None:
        """Answer every held poll, write what is gathered, stop."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        for future in [each for waiting in self._waiting.values() for each in waiting]:
            _settle(future, None)
        await self._write_states()

    def note(self, state: DeviceState) -> None:
        """A device's state, to be written with the next beat."""
        self._states[state.device] = state

    @contextmanager
    def expecting(self, device: str) -> Iterator["asyncio.Future[SignedManifest | None]"]:
        """A future of the device's next manifest (None: stopping). Enter before reading ``seq``."""
        future: asyncio.Future[SignedManifest | None] = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(device, set())
        waiting.add(future)
        try:
            yield future
        finally:
            waiting.discard(future)
            if not waiting and self._waiting.get(device) is waiting:
                del self._waiting[device]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            try:
                await self._beat()
            except Exception:
                # The database may be away for a while; held polls run out and ask again.
                log.exception("cannot look for changed manifests")

    async def _beat(self) -> None:
        cursor, changed = await self._threads.run(partial(self._desk.changed_since, self._cursor))
        waited_for = [device for device in changed if device in self._waiting]
        if waited_for:
            await self._wake(waited_for)
        self._cursor = cursor
        await self._write_states()

    async def _wake(self, devices: Sequence[str]) -> None:
        manifests = await self._threads.run(partial(self._desk.manifests, devices))
        for device, manifest in manifests.items():
            for future in self._waiting.get(device, ()):
                _settle(future, manifest)

    async def _write_states(self) -> None:
        if not self._states:
            return
        states, self._states = self._states, {}
        try:
            await self._threads.run(partial(self._desk.record_states, list(states.values())))
        except BaseException:
            self._states = states | self._states
            raise


def _settle(
    future: "asyncio.Future[SignedManifest | None]", manifest: SignedManifest | None
) -> None:
    if not future.done():
        future.set_result(manifest)
