"""``make bench``: the engine against the bare client, in one run, against one fast provider.

Everything that makes a delivery provable is on: claims, rate slots, intent, sealed addresses,
pages, sealer, and on SQLite synchronous=FULL. CPU is that of this process, which expands, sends
and seals; the provider is another one. QUICK=1 does a tenth. LOA_BENCH_DATABASE_URL measures a
PostgreSQL instead; its own CPU is then not counted, and the line says so.
"""

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from bench.office import Office, office, start
from channels.door import Door, Egress, Request
from dispatcher.ledger import dispatches

_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Measure:
    """``cpu_us``: microseconds of this process's CPU for one; ``rate``: of them a second."""

    name: str
    count: int
    rate: float
    cpu_us: float


def main() -> None:
    """Print a table and write ``bench/results.json``."""
    count = 2_000 if os.environ.get("QUICK") else 20_000
    url = os.environ.get("LOA_BENCH_DATABASE_URL", "")
    rounds = [_round(count, url) for _ in range(_ROUNDS)]
    table = [_middle([each[position] for each in rounds]) for position in range(len(rounds[0]))]
    print(f"{'':<22}{'n':>8}{'a second':>12}{'µs CPU each':>14}")
    for each in table:
        print(f"{each.name:<22}{each.count:>8}{each.rate:>12,.0f}{each.cpu_us:>14,.1f}")
    by_name = {each.name: each for each in table}
    share = by_name["raw client"].cpu_us / by_name["engine, with client"].cpu_us
    print(f"\nshare of the raw client's rate per CPU-second: {share:.0%} (median of {_ROUNDS})")
    if url:
        print("The database server's own CPU is not in these figures.")
    found = {"share_of_raw_client": share, "measures": [asdict(each) for each in table]}
    Path(__file__).with_name("results.json").write_text(json.dumps(found, indent=2) + "\n")


def _round(count: int, url: str) -> list[Measure]:
    with office(count, url) as place:
        return [
            _measured("raw client", count, lambda: _raw(place, count)),
            *_engine(place, count),
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


if __name__ == "__main__":
    main()
