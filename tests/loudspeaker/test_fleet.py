"""The simulated fleet speaks the wire: what a demonstration shows is what the gateway saw."""

import json
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

from channels.loudspeaker.words import translate
from dispatcher.domain.model import Level
from dispatcher.domain.status import Status
from tests.loudspeaker.desk import MemoryDesk
from tests.loudspeaker.playing import KEY, Players
from tests.loudspeaker.serving import Server
from tests.loudspeaker.station import draft, item, media, now_ms

FLEET = [f"06862-C{number:02}" for number in range(1, 41)]
SILENT = FLEET[:3]


def test_a_fleet_plays_an_emergency_except_where_it_is_silent_or_without_power(
    tmp_path: Path, desk: MemoryDesk, server: Server, alarm: bytes
) -> None:
    desk.sounds[media(alarm).sha256] = alarm
    for device in FLEET:
        desk.enrol(draft(device, now_ms()), KEY)
    devices = tmp_path / "devices.json"
    devices.write_text(json.dumps([{"id": device, "key": KEY.hex()} for device in FLEET]))
    command = [sys.executable, "-m", "dispatcher.sim.speakers", "--url", server.url]
    command += ["--devices", str(devices), "--silent", *SILENT, "--power", "0.2", "--seed", "7"]
    fleet = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        emergency = item("1.1.1", Level.EMERGENCY, alarm, now_ms())
        desk.publish([(device, emergency) for device in FLEET])
        Players.wait(
            lambda: len(ends(desk)) == len(FLEET) - len(SILENT), f"all but {SILENT} played"
        )
    finally:
        fleet.send_signal(signal.SIGTERM)
        fleet.wait(10)
    assert not set(SILENT) & set(ends(desk))
    folded = Counter(ends(desk).values())
    assert folded[Status.DELIVERED] > folded[None] > 0, "some lost power, with plays to come"
    assert desk.broken_chains == []
    assert sum("/media/" in path for path in server.requests) <= 2, "fetched once for the fleet"


def ends(desk: MemoryDesk) -> dict[str, Status | None]:
    """Per device what its first end means."""
    found: dict[str, Status | None] = {}
    for device, lines in list(desk.logs.items()):
        for line in [json.loads(line.raw) for line in list(lines.values())]:
            if line["t"] == "end":
                event = translate(device, line)
                found.setdefault(device, event.status if event else None)
    return found
