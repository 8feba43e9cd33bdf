"""A fleet of simulated speakers in one process, for demonstrations and tests.

``python -m dispatcher.sim.speakers --url … --devices devices.json --seed 1``. They poll, fetch
each sound once for all of them, and report what they would have played. They check no signature
and make no sound: the reference speaker does (``python -m dispatcher.player``).

``devices.json``: ``[{"id": "06862-C01", "key": "<64 hexadecimal digits>"}, …]``.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from .speaker import Fate, Sounds, Speaker
from .speaker_wire import Connection


async def run_fleet(
    url: str, devices: Sequence[tuple[str, bytes]], fate: Fate, seed: int, tally: Counter[str]
) -> None:
    """Be all ``devices`` (id, key) until cancelled; ``tally`` counts what they do.

    Each device's luck depends on the seed and its id alone, not on who else is in the fleet.
    """
    sounds = Sounds()
    async with asyncio.TaskGroup() as tasks:
        for device, key in devices:
            if device not in fate.silent:
                luck = random.Random(f"{seed} {device}")
                connect = partial(Connection, url, device, key)
                tasks.create_task(Speaker(connect, sounds, fate, luck, tally).run())


def main() -> None:
    """Read the command line, then be a fleet until Ctrl-C or SIGTERM."""
    given = _parser().parse_args()
    devices = [
        (each["id"], bytes.fromhex(each["key"])) for each in json.loads(given.devices.read_text())
    ]
    fate = Fate(frozenset(given.silent), given.late, given.late_s, given.power, given.speed)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_run_and_tell(given.url, devices, fate, given.seed))


async def _run_and_tell(
    url: str, devices: Sequence[tuple[str, bytes]], fate: Fate, seed: int
) -> None:
    tally: Counter[str] = Counter()
    fleet = asyncio.create_task(run_fleet(url, devices, fate, seed, tally))
    told = ""
    while not fleet.done():
        await asyncio.wait([fleet], timeout=2)
        text = ", ".join(f"{word} {count}" for word, count in sorted(tally.items()))
        if text != told:
            told = text
            sys.stdout.write(text + "\n")
            sys.stdout.flush()
    await fleet


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="A fleet of simulated loudspeakers.")
    add = parser.add_argument
    add("--url", required=True, help="root of the server")
    add("--devices", required=True, type=Path, help='[{"id": …, "key": 64 hexadecimal digits}]')
    add("--silent", nargs="*", default=[], help="ids of devices that are never heard of")
    add("--late", type=float, default=0.0, help="share of devices that begin late")
    add("--late-s", type=float, default=30.0, help="how late at most, in seconds")
    add("--power", type=float, default=0.0, help="share of devices that lose power in a play")
    add("--speed", type=float, default=1.0, help="plays last so many times shorter")
    add("--seed", type=int, default=1, help="of the fleet's luck")
    return parser


if __name__ == "__main__":
    main()
