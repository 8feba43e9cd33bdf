"""What the log costs: dispatches with pages and sealing, and the same ones without.

The engine has no switch for this. The functions that make entries, write pages and seal are
exchanged here for ones that do nothing, in every other run, over the same people and the same
provider; each pair of runs gives one ratio, so that what else the machine does falls out.
"""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from unittest import mock

from bench.databases import server_cpu
from bench.office import Office, office, start
from dispatcher.ledger import entries, pages

#: Above every page number that the measured ledger will ever have.
_NOWHERE = 1 << 40


@dataclass(frozen=True, slots=True)
class Run:
    """``rate``: deliveries a second; ``cpu_us``: for one of them, our process and the server."""

    rate: float
    cpu_us: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Shares are of what a run without the log reaches: the median of the pairs, the least and the
    greatest. ``cpu_share``: of the CPU that a run with the log takes."""

    database: str
    count: int
    pairs: int
    rate: float
    rate_without: float
    share: tuple[float, float, float]
    cpu_us: float
    cpu_us_without: float
    cpu_share: tuple[float, float, float]


def measure(database: str, url: str, count: int, pairs: int) -> Cost:
    """Dispatches to ``count`` people by SMS, twice for each pair; the first one is not counted."""
    with office(count, url) as place:
        cpu = server_cpu(url)
        _run(place, count, cpu, _sealed(place))
        found = [_pair(place, count, cpu, logged_first=bool(n % 2)) for n in range(pairs)]
    return _cost(database, count, found)


def _pair(
    place: Office, count: int, cpu: Callable[[], float], *, logged_first: bool
) -> tuple[Run, Run]:
    """A run with the log and one without, in turns of who comes first."""
    logged = _run(place, count, cpu, _sealed(place)) if logged_first else None
    bare = _run(place, count, cpu, _no_log())
    return logged or _run(place, count, cpu, _sealed(place)), bare


@contextmanager
def _no_log() -> Iterator[None]:
    numbers = itertools.count(_NOWHERE)
    nothing = {
        (pages, "next_ids"): lambda _conn, count: list(itertools.islice(numbers, count)),
        (pages, "write"): lambda *_: None,
        (entries, "birth"): lambda *_, **__: b"",
        (entries.Change, "to_bytes"): lambda _: b"",
    }
    with ExitStack() as stack:
        for (where, name), other in nothing.items():
            stack.enter_context(mock.patch.object(where, name, other))
        yield


def _run(
    place: Office, count: int, cpu: Callable[[], float], log: AbstractContextManager[None]
) -> Run:
    """Expand and send one dispatch; what ``log`` does before it is over counts."""
    start(place)
    verbs, tries = place.runtime.verbs, 0
    began, used = time.perf_counter(), time.process_time() + cpu()
    with log:
        while verbs["expand"](0):
            pass
        while tried := verbs["deliver"](0):
            tries += int(str(tried))
    seconds, used = time.perf_counter() - began, time.process_time() + cpu() - used
    assert tries == count, tries
    return Run(count / seconds, used / count * 1e6)


@contextmanager
def _sealed(place: Office) -> Iterator[None]:
    """Seal as a worker does, beside the sending and once a second; at the end, what is left."""
    over = threading.Event()

    def seal() -> None:
        while not over.wait(place.runtime.settings.tick_s):
            place.runtime.verbs["seal"](0)
        place.runtime.verbs["seal"](0)

    thread = threading.Thread(target=seal)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _cost(database: str, count: int, found: list[tuple[Run, Run]]) -> Cost:
    return Cost(
        database=database,
        count=count,
        pairs=len(found),
        rate=median(logged.rate for logged, _ in found),
        rate_without=median(bare.rate for _, bare in found),
        share=_spread([1 - logged.rate / bare.rate for logged, bare in found]),
        cpu_us=median(logged.cpu_us for logged, _ in found),
        cpu_us_without=median(bare.cpu_us for _, bare in found),
        cpu_share=_spread([1 - bare.cpu_us / logged.cpu_us for logged, bare in found]),
    )


def _spread(shares: list[float]) -> tuple[float, float, float]:
    return median(shares), min(shares), max(shares)
