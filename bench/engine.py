"""The engine against the bare client, in one run, against one fast provider; then the verifier.

Everything that makes a delivery provable is on: claims, rate slots, intent, sealed addresses,
pages, sealer, and on SQLite synchronous=FULL. CPU is that of this process, which expands, sends
and seals; the provider is another one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median

from bench.office import Office, office, start
from channels.door import Door, Egress, Request
from dispatcher.ledger import dispatches
from dispatcher.ledger.verifying import verify


@dataclass(frozen=True, slots=True)
class Measure:
    """``cpu_us``: microseconds of this process's CPU for one; ``rate``: of them a second."""

    name: str
    count: int
    rate: float
    cpu_us: float


def measure(url: str, count: int, rounds: int) -> list[Measure]:
    """Medians of each step. ``url``: of a PostgreSQL; empty for SQLite."""
    found = [_round(count, url) for _ in range(rounds)]
    return [_middle([each[position] for each in found]) for position in range(len(found[0]))]


def share_of_raw_client(table: list[Measure]) -> float:
    """How much of the raw client's rate per CPU-second the engine reaches."""
    by_name = {each.name: each for each in table}
    return by_name["raw client"].cpu_us / by_name["engine, with client"].cpu_us


def _round(count: int, url: str) -> list[Measure]:
    with office(count, url) as place:
        return [
            _measured("raw client", count, lambda: _raw(place, count)),
            *_engine(place, count),
            _measured("verify (per entry)", 2 * count, lambda: _verify(place, 2 * count)),
        ]


def _raw(place: Office, count: int) -> None:
    """The same POSTs through the same door, with nothing kept."""
    door = Door(Egress(private=True))
    body = b"To=%2B84912345678&From=UBNDXA&Body=" + b"x" * 400
    request = Request("POST", f"{place.provider}/2010-04-01/Accounts/x/Messages.json", (), body)
    for _ in range(0, count, 100):
        for _answer in door.exchange([(0.0, request)] * 100):
            pass
    door.close()


def _engine(place: Office, count: int) -> list[Measure]:
    verbs, number = place.runtime.verbs, start(place)
    expand = _measured("expand", count, lambda: _until_idle(verbs["expand"]))
    deliver = _measured("engine, with client", count, lambda: _until_idle(verbs["deliver"]))
    seal = _measured("seal (per delivery)", count, lambda: _until_idle(_sealing(place)))
    _check(place, number, count)
    return [expand, deliver, seal]


def _sealing(place: Office) -> Callable[[int], object]:
    return lambda _: place.runtime.sealer.seal()


def _verify(place: Office, entries: int) -> None:
    """Each delivery has a birth and a change; people's acts come on top."""
    key = place.runtime.log_key
    report = verify(place.runtime.ledger, public_key=key.public, origin=key.origin)
    assert report.verified, report.findings
    assert report.entries >= entries, report.entries


def _until_idle(verb: Callable[[int], object]) -> None:
    while verb(0):
        pass


def _check(place: Office, number: int, count: int) -> None:
    """A bench that sends less than it says is a lie."""
    with place.runtime.ledger.read() as conn:
        spot = dispatches.place(conn, number)
        assert spot is not None
        rows = dispatches.counts(conn, spot)["sms"]
    sent = {status.word: each for status, each in rows.items() if each}
    assert sent == {"accepted": count}, sent


def _measured(name: str, count: int, work: Callable[[], None]) -> Measure:
    began, cpu = time.perf_counter(), time.process_time()
    work()
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    return Measure(name, count, count / seconds, cpu / count * 1e6)


def _middle(rounds: list[Measure]) -> Measure:
    first = rounds[0]
    return Measure(
        first.name,
        first.count,
        median(each.rate for each in rounds),
        median(each.cpu_us for each in rounds),
    )
