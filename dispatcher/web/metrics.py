"""Metrics counted from the ledger, not from what this process happens to have seen."""

import threading
import time
from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from dispatcher.domain.status import Status
from dispatcher.ledger import gauges
from dispatcher.ledger.store import Ledger
from dispatcher.web.refusals import Refusals

#: Seconds for which one count serves everybody who asks.
_FRESH_S = 5.0


class LedgerMetrics(Collector):
    """Labels are channels, statuses and routes: never a person, a number or a message."""

    def __init__(
        self, ledger: Ledger, refusals: Refusals, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._ledger, self._refusals, self._monotonic = ledger, refusals, monotonic
        self._lock = threading.Lock()
        self._counted_at = float("-inf")
        self._kept: list[Metric] = []

    def collect(self) -> Iterable[Metric]:
        with self._lock:
            if self._monotonic() - self._counted_at > _FRESH_S:
                self._kept = self._count()
                self._counted_at = self._monotonic()
            return [*self._kept, self._refused()]

    def describe(self) -> Iterable[Metric]:
        """Nothing is counted before somebody asks."""
        return []

    def _count(self) -> list[Metric]:
        with self._ledger.read() as conn:
            found = gauges.read(conn)
        deliveries = GaugeMetricFamily(
            "loa_deliveries", "Deliveries by channel and status", labels=["channel", "status"]
        )
        for (channel, status), count in found.deliveries.items():
            deliveries.add_metric([channel, Status(status).word], count)
        lag = GaugeMetricFamily(
            "loa_oldest_due_seconds", "How long the oldest due batch waits", labels=["channel"]
        )
        for channel, seconds in found.oldest_due_s.items():
            lag.add_metric([channel], seconds)
        resting = GaugeMetricFamily(
            "loa_route_usable", "1: open, 0: resting or stopped", labels=["route"]
        )
        for route, usable in found.routes.items():
            resting.add_metric([route], usable)
        return [deliveries, lag, resting, *(_single(*each) for each in found.singles)]

    def _refused(self) -> Metric:
        family = CounterMetricFamily(
            "loa_callbacks_refused", "Callbacks with a wrong signature", labels=["route"]
        )
        for route, count in self._refusals.read().items():
            family.add_metric([str(route)], count)
        return family


def _single(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(name, words, value=value)
