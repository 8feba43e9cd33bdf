"""One simulated speaker: what it fetches, would play and reports."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from .speaker_wire import Connection

WAIT_S = 55

#: Lines of one report.
MOST_LINES = 500

#: What may go wrong on the wire; all of it means: later.
NETWORK_ERRORS = (OSError, EOFError, ValueError)


@dataclass(frozen=True)
class Fate:
    """What befalls a fleet. ``late`` and ``power``: shares of devices that begin up to
    ``late_s`` seconds late, and that lose power once, in the middle of a play; ``silent``: ids of
    devices that are never heard of; ``speed``: plays last so many times shorter."""

    silent: frozenset[str] = frozenset()
    late: float = 0.0
    late_s: float = 30.0
    power: float = 0.0
    speed: float = 1.0


@dataclass(frozen=True)
class Play:
    """One occurrence of an item."""

    item: Mapping[str, Any]
    window: Mapping[str, Any]

    @property
    def occ(self) -> str:
        return str(self.window["occ"])

    @property
    def at(self) -> int:
        return int(self.window["at"])

    @property
    def until(self) -> int:
        return int(self.window["until"])

    @property
    def emergency(self) -> bool:
        return bool(self.item["level"] == "emergency")


class Sounds:
    """What the fleet has fetched: each sound once."""

    def __init__(self) -> None:
        self._fetches: dict[str, asyncio.Task[bytes]] = {}

    async def have(self, sha256: str, connection: Connection) -> None:
        fetch = self._fetches.get(sha256)
        if fetch is None or (fetch.done() and fetch.exception() is not None):
            fetch = self._fetches[sha256] = asyncio.create_task(connection.sound(sha256))
        await asyncio.shield(fetch)


class Speaker:
    """One simulated device: it polls, downloads, plays and reports, each in a task."""

    def __init__(
        self,
        connect: Callable[[], Connection],
        sounds: Sounds,
        fate: Fate,
        luck: random.Random,
        tally: Counter[str],
    ) -> None:
        self._connect = connect
        self._sounds = sounds
        self._speed = fate.speed
        self._late_s = luck.uniform(0, fate.late_s) if luck.random() < fate.late else 0.0
        self._loses_power = luck.random() < fate.power
        self._luck = luck
        self._tally = tally
        self._seq = 0
        self._seen: set[str] = set()
        self._cancelled: set[str] = set()
        self._pending: list[Play] = []
        self._outbox: list[bytes] = []
        self._changed = asyncio.Event()
        self._digest = "0" * 64
        self._boot()

    async def run(self) -> None:
        """Be a speaker until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._poll(tasks))
            tasks.create_task(self._report())
            tasks.create_task(self._play())

    async def _poll(self, tasks: asyncio.TaskGroup) -> None:
        connection = self._connect()
        while True:
            state = {"applied": self._seq, "boot": self._boot_id, "n": self._n, "sync": "ok"}
            try:
                manifest = await connection.manifest(self._seq, state, WAIT_S)
            except NETWORK_ERRORS:
                self._tally["lost connections"] += 1
                await asyncio.sleep(self._luck.uniform(0.5, 3))
                continue
            if manifest is not None:
                self._apply(manifest, tasks)

    def _apply(self, manifest: Mapping[str, Any], tasks: asyncio.TaskGroup) -> None:
        self._seq = int(manifest["seq"])
        self._tally["applied"] += 1
        self._cancelled = {cancel["id"] for cancel in manifest["cancel"]}
        for item in manifest["items"]:
            if item["id"] not in self._seen:
                self._seen.add(item["id"])
                tasks.create_task(self._download(item))
        self._changed.set()

    async def _download(self, item: Mapping[str, Any]) -> None:
        connection = self._connect()
        while True:
            try:
                await self._sounds.have(item["media"]["sha256"], connection)
                break
            except NETWORK_ERRORS:
                await asyncio.sleep(self._luck.uniform(0.5, 3))
        connection.close()
        self._say("cached", item)
        self._pending += [Play(item, play) for play in item["plays"]]
        self._changed.set()

    async def _play(self) -> None:
        while True:
            play = self._next()
            if play is None:
                await self._pause(0.5)
                continue
            self._pending.remove(play)
            if play.item["id"] in self._cancelled:
                continue
            if time.time() * 1000 < play.until:
                await self._perform(play)
            else:
                self._say("missed", play.item, occ=play.occ, left=self._left(play.item))

    def _next(self) -> Play | None:
        """What is due, an emergency first."""
        due = [play for play in self._pending if time.time() >= play.at / 1000 + self._late_s]
        return min(due, key=lambda play: (not play.emergency, play.at), default=None)

    async def _perform(self, play: Play) -> None:
        whole_ms = play.item["repeat"] * play.item["media"]["ms"]
        facts: dict[str, object] = {"occ": play.occ, "of_ms": whole_ms}
        self._say("start", play.item, **facts, left=self._left(play.item))
        share = self._luck.uniform(0.1, 0.8) if self._loses_power else 1.0
        word, played_ms = await self._sound(play, share * whole_ms)
        if self._loses_power and word == "end":
            self._lose_power()
            facts["reason"] = "power"
        left = self._left(play.item)
        self._say(word, play.item, **facts, played_ms=round(played_ms), left=left)

    async def _sound(self, play: Play, length_ms: float) -> tuple[str, float]:
        """The word for how it ended, and how much was heard."""
        began = time.monotonic()
        while True:
            heard_ms = (time.monotonic() - began) * 1000 * self._speed
            if heard_ms >= length_ms:
                return "end", length_ms
            if play.item["id"] in self._cancelled:
                return "cancelled", heard_ms
            following = self._next()
            if following is not None and following.emergency and not play.emergency:
                return "preempted", heard_ms
            await self._pause(min(0.5, (length_ms - heard_ms) / 1000 / self._speed))

    def _lose_power(self) -> None:
        self._loses_power = False
        self._tally["power cuts"] += 1
        self._boot()

    def _boot(self) -> None:
        self._boot_id = f"{self._luck.getrandbits(48):012x}"
        self._n = 0

    def _left(self, item: Mapping[str, Any]) -> int:
        return sum(play.item["id"] == item["id"] for play in self._pending)

    async def _pause(self, seconds: float) -> None:
        """Until something changed, or time is up."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._changed.wait(), seconds)
        self._changed.clear()

    def _say(self, word: str, item: Mapping[str, Any], **facts: object) -> None:
        """One line of the log, chained to the one before."""
        self._tally[word] += 1
        self._n += 1
        stamp = {"b": self._boot_id, "n": self._n, "wall": round(time.time() * 1000), "sync": "ok"}
        whole = {**stamp, "t": word, "item": item["id"], "rev": item["rev"], **facts}
        text = json.dumps(whole, ensure_ascii=False, separators=(",", ":"))
        self._digest = hashlib.sha256((self._digest + text).encode()).hexdigest()
        self._outbox.append(f'{text[:-1]},"h":"{self._digest}"}}'.encode())

    async def _report(self) -> None:
        connection = self._connect()
        while True:
            await asyncio.sleep(0.5)
            lines = self._outbox[:MOST_LINES]
            if not lines:
                continue
            try:
                await connection.report(lines)
                del self._outbox[: len(lines)]
            except NETWORK_ERRORS:
                await asyncio.sleep(self._luck.uniform(0.5, 3))
