"""``make bench``: the engine against the bare client, what the log costs, how fast it is sealed.

QUICK=1 does less, for a first look. LOA_BENCH_DATABASE_URL measures the engine on a PostgreSQL
instead of SQLite; the log's cost and sealing are measured on both. Ratios are what travels from
machine to machine.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from bench import engine, ledger_cost, sealing
from bench.databases import databases
from bench.engine import Measure
from bench.ledger_cost import Cost
from bench.sealing import Sealing
from tests.servers import postgres


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured how often: ``sent`` and ``logged`` deliveries, sealed ``pages``."""

    sent: int
    rounds: int
    logged: int
    pairs: int
    pages: int


FULL = Size(sent=20_000, rounds=3, logged=2_000, pairs=7, pages=2_000)
QUICK = Size(sent=2_000, rounds=1, logged=500, pairs=5, pages=500)
_SEALINGS = 5


def main() -> None:
    """Print three tables and write ``bench/results.json``."""
    size = QUICK if os.environ.get("QUICK") else FULL
    url = os.environ.get("LOA_BENCH_DATABASE_URL", "")
    table = engine.measure(url, size.sent, size.rounds)
    _print_engine(table)
    with postgres.serve() as server:
        with databases(server) as places:
            costs = [ledger_cost.measure(*each, size.logged, size.pairs) for each in places]
        _print_costs(costs)
        with databases(server) as places:
            sealed = [
                row for each in places for row in sealing.measure(*each, size.pages, _SEALINGS)
            ]
        _print_sealing(sealed)
    _keep(table, costs, sealed)


def _print_engine(table: list[Measure]) -> None:
    print(f"{'':<22}{'n':>8}{'a second':>12}{'µs CPU each':>14}")
    for each in table:
        print(f"{each.name:<22}{each.count:>8}{each.rate:>12,.0f}{each.cpu_us:>14,.1f}")
    share = engine.share_of_raw_client(table)
    print(f"\nshare of the raw client's rate per CPU-second: {share:.0%}", end=" ")
    print("(a database server's own CPU is not in these figures)")


def _print_costs(costs: list[Cost]) -> None:
    print(
        f"\n{'what the log costs':<22}{'a second':>12}{'without':>10}{'share':>8}  (pairs)", end=""
    )
    print(f"{'µs CPU each':>16}{'without':>10}{'share':>8}  (pairs)")
    for each in costs:
        print(f"{each.database:<22}{each.rate:>12,.0f}{each.rate_without:>10,.0f}", end="")
        print(_share(each.share), end="")
        print(f"{each.cpu_us:>16,.0f}{each.cpu_us_without:>10,.0f}{_share(each.cpu_share)}")


def _share(spread: tuple[float, float, float]) -> str:
    middle, least, most = spread
    return f"{middle:>8.0%}  ({least:.0%} to {most:.0%})"


def _print_sealing(sealed: list[Sealing]) -> None:
    print(f"\n{'sealing':<22}{'entries a page':>16}{'pages/s':>12}{'entries/s':>14}{'least':>12}")
    for each in sealed:
        print(f"{each.database:<22}{each.entries_each:>16}{each.pages_a_second:>12,.0f}", end="")
        print(f"{each.entries_a_second:>14,.0f}{each.least:>12,.0f}")


def _keep(table: list[Measure], costs: list[Cost], sealed: list[Sealing]) -> None:
    found = {
        "share_of_raw_client": engine.share_of_raw_client(table),
        "measures": [asdict(each) for each in table],
        "ledger_cost": [asdict(each) for each in costs],
        "sealing": [asdict(each) for each in sealed],
    }
    Path(__file__).with_name("results.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
