"""Counts that live in this process only: they are for dashboards, not for the record."""

import threading
from collections import Counter
from collections.abc import Mapping


class Refusals:
    """Callbacks refused for their signature, by route."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[int] = Counter()

    def count(self, route: int) -> None:
        with self._lock:
            self._counts[route] += 1

    def read(self) -> Mapping[int, int]:
        with self._lock:
            return dict(self._counts)
