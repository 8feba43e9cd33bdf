"""How fast committed pages become leaves of the log: full pages, and pages of one entry."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.office import Office, office
from dispatcher.ledger import desk, entries, pages

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Sealing:
    """Medians of the rounds; ``least``: pages a second of the slowest one."""

    database: str
    entries_each: int
    pages: int
    rounds: int
    pages_a_second: float
    entries_a_second: float
    least: float


def measure(database: str, url: str, count: int, rounds: int) -> list[Sealing]:
    """Seal ``count`` pages of 250 entries, then as many of one, several times each."""
    with office(0, url) as place:
        _seal(place)
        return [_pages_of(place, database, each, count, rounds) for each in (250, 1)]


def _pages_of(place: Office, database: str, size: int, count: int, rounds: int) -> Sealing:
    items, rates = [_entry(number) for number in range(size)], []
    for _ in range(rounds):
        _write(place, items, count)
        began = time.perf_counter()
        sealed = _seal(place)
        rates.append(sealed / (time.perf_counter() - began))
        assert sealed == count, sealed
    middle = median(rates)
    return Sealing(database, size, count, rounds, middle, middle * size, min(rates))


def _entry(number: int) -> bytes:
    """A change as sending makes them, of a delivery that there need not be: the sealer reads
    pages' digests."""
    moved = (1, 1, 0, 2, 0, 1, 1, 1, 0)
    return entries.Change(1, number, *moved, 1_790_000_000_000, 0, 1, f"SM{number:032d}").to_bytes()


def _write(place: Office, items: Sequence[bytes], count: int) -> None:
    for first in range(0, count, _AT_ONCE):
        with place.runtime.ledger.begin() as conn:
            now = desk.now(conn)
            for page_id in pages.next_ids(conn, min(_AT_ONCE, count - first)):
                pages.write(conn, page_id, 0, now, items)


def _seal(place: Office) -> int:
    """Everything that is committed; returns how many pages."""
    sealed = 0
    while more := place.runtime.sealer.seal():
        sealed += more
    return sealed
