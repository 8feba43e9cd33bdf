"""What a simulator has seen: the measurements that a test or a benchmark asks for."""

from __future__ import annotations

from collections import Counter, deque
from typing import Any

RECENT = 20_000


class Window:
    """The greatest sum of weights inside any half-open interval of one second."""

    def __init__(self) -> None:
        self.peak = 0
        self._sum = 0
        self._recent: deque[tuple[float, int]] = deque()

    def add(self, at: float, weight: int) -> None:
        """Count `weight` at `at` seconds; times must not decrease."""
        while self._recent and self._recent[0][0] <= at - 1.0:
            self._sum -= self._recent.popleft()[1]
        self._recent.append((at, weight))
        self._sum += weight
        self.peak = max(self.peak, self._sum)


class Seen:
    """Counters since the start or the last reset. Times are monotonic seconds."""

    def __init__(self, now: float) -> None:
        self.reset(now)

    def reset(self, now: float) -> None:
        """Forget everything and start counting seconds anew."""
        self._since = now
        self.faults: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.receipts: Counter[str] = Counter()
        self._seconds: Counter[int] = Counter()
        self._arrivals = Window()
        self._parts = Window()
        self._taken = 0
        self._billed = 0
        self._once: set[int] = set()
        self._doubled = 0
        self._messages: deque[dict[str, Any]] = deque(maxlen=RECENT)

    def arrived(self, now: float) -> None:
        """A request reached the socket."""
        self._seconds[int(now - self._since)] += 1
        self._arrivals.add(now, 1)

    def took(self, now: float, message: dict[str, Any], parts: int = 1) -> None:
        """The provider took a message of `parts` billable parts. Same `to` and `text` again
        counts as doubled."""
        self._taken += 1
        self._billed += parts
        self._parts.add(now, parts)
        self._note_identity(hash((message.get("to"), message.get("text"))))
        self._messages.append(message)

    def messages(self, to: str, limit: int) -> list[dict[str, Any]]:
        """The latest messages, newest first; to everybody when `to` is empty."""
        found = (m for m in reversed(self._messages) if not to or m.get("to") == to)
        return [message for message, _ in zip(found, range(limit), strict=False)]

    def report(self, now: float) -> dict[str, Any]:
        """All counters; `peak_*` are maxima over any one second, sliding."""
        return {
            "elapsed": round(now - self._since, 3),
            "requests": self._seconds.total(),
            "per_second": {str(second): n for second, n in sorted(self._seconds.items())},
            "peak_requests": self._arrivals.peak,
            "peak_parts": self._parts.peak,
            "messages": self._taken,
            "parts": self._billed,
            "distinct": len(self._once),
            "doubled": self._doubled,
            "faults": dict(self.faults),
            "statuses": dict(self.statuses),
            "receipts": dict(self.receipts),
        }

    def _note_identity(self, identity: int) -> None:
        if identity in self._once:
            self._doubled += 1
        self._once.add(identity)
