"""The gateway's own threads: a slow database must hold neither the event loop nor the API."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class Threads:
    """Runs the desk's calls; ``count`` of them at once."""

    def __init__(self, count: int) -> None:
        self._pool = ThreadPoolExecutor(count, "devices")

    async def run(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._pool, call)

    def close(self) -> None:
        self._pool.shutdown(wait=False)
