"""Brings receipts to the callback address: late, lost, doubled, reversed, unknown, retried."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .misbehave import Temper
from .poster import Poster
from .seen import Seen

#: Builds what is posted, at the moment it is posted: (url, headers, body).
Compose = Callable[[], tuple[str, Mapping[str, str], bytes]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """One report, `wait` seconds after the one before. `happens` runs at that time, even when
    the report is then lost; when it returns False nothing happened and nothing is reported."""

    compose: Compose
    happens: Callable[[], bool]
    wait: float


@dataclass(slots=True)
class Receipts:
    """`retry_waits` are the seconds before each repetition of a post that was not answered 2xx
    in time; `counts_header` names the header that tells which repetition it is."""

    temper: Temper
    seen: Seen
    poster: Poster
    monotonic: Callable[[], float]
    retry_waits: Sequence[float] = ()
    counts_header: str = ""
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def took(self, message: dict[str, Any], parts: int = 1) -> None:
        """Put on record that the provider took a message."""
        self.seen.took(self.monotonic(), message, parts)

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something of the provider's own later, whatever the manners."""
        asyncio.get_running_loop().call_later(seconds, action)

    def schedule(self, series: Sequence[Receipt], stranger: Compose | None = None) -> None:
        """Report `series` in order, one delay apart; `stranger` reports something never sent."""
        manners = self.temper.manners
        if self.temper.happens(manners.receipts_reversed):
            series = _reversed(series)
            self.seen.receipts["reversed"] += 1
        after = 0.0
        for receipt in series:
            after += receipt.wait
            asyncio.get_running_loop().call_later(after, self._due, receipt)
        if stranger and self.temper.happens(manners.receipts_unknown):
            self.seen.receipts["unknown"] += 1
            asyncio.get_running_loop().call_later(after, self._begin, stranger)

    def _due(self, receipt: Receipt) -> None:
        if not receipt.happens():
            return
        manners = self.temper.manners
        if self.temper.happens(manners.receipts_lost):
            self.seen.receipts["lost"] += 1
            return
        self._begin(receipt.compose)
        if self.temper.happens(manners.receipts_doubled):
            self.seen.receipts["doubled"] += 1
            self._begin(receipt.compose)

    def _begin(self, compose: Compose) -> None:
        task = asyncio.get_running_loop().create_task(self._post(compose))
        # The loop keeps only weak references to tasks.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _post(self, compose: Compose) -> None:
        url, headers, body = compose()
        for repetition, wait in enumerate((0.0, *self.retry_waits)):
            if wait:
                await asyncio.sleep(wait)
            if await self._arrives(url, self._counted(headers, repetition), body):
                self.seen.receipts["posted"] += 1
                return
        self.seen.receipts["given_up"] += 1

    def _counted(self, headers: Mapping[str, str], repetition: int) -> Mapping[str, str]:
        if not (self.counts_header and repetition):
            return headers
        return {**headers, self.counts_header: str(repetition)}

    async def _arrives(self, url: str, headers: Mapping[str, str], body: bytes) -> bool:
        try:
            status = await self.poster.post(url, headers, body)
        except (OSError, TimeoutError):
            self.seen.receipts["unreachable"] += 1
            return False
        if 200 <= status < 300:
            return True
        self.seen.receipts[f"answered_{status}"] += 1
        return False


def _reversed(series: Sequence[Receipt]) -> list[Receipt]:
    """The reports in reverse order; what happens, and when, stays as it was."""
    backwards = reversed(series)
    return [
        Receipt(late.compose, early.happens, early.wait)
        for early, late in zip(series, backwards, strict=True)
    ]
