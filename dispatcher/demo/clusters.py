"""The loudspeakers of the demo: a fleet in one process, and one reference player that plays."""

import ctypes
import json
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dispatcher.bootstrap import Runtime

_PR_SET_PDEATHSIG = 1


class Clusters:
    """Device processes. ``silent`` is a device nobody hears of."""

    def __init__(
        self, runtime: Runtime, folder: Path, devices: Sequence[tuple[str, bytes]], silent: str
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.sounds = folder / "sounds"
        url = runtime.settings.public_url
        player, fleet = devices[0], devices[1:]
        self._processes = [
            _player(url, folder, player, runtime.device_signers.trust(), self.sounds),
            _fleet(url, folder, fleet, silent),
        ]

    def stop(self) -> None:
        for each in self._processes:
            each.terminate()
        for each in self._processes:
            each.wait(10)


def _player(
    url: str, folder: Path, device: tuple[str, bytes], trust: Sequence[str], sounds: Path
) -> subprocess.Popen[bytes]:
    """The reference player, into WAV files: what it wrote there is what was heard."""
    key = folder / "device.key"
    key.write_text(device[1].hex())
    trusted = [part for each in trust for part in ("--trust", each)]
    return _spawn(
        "dispatcher.player", "--url", url, "--device", device[0], "--key-file", str(key),
        *trusted, "--state", str(folder / "player"), "--sink", f"file:{sounds}",
        "--speed", "20", "--rtc",
    )  # fmt: skip


def _fleet(
    url: str, folder: Path, devices: Sequence[tuple[str, bytes]], silent: str
) -> subprocess.Popen[bytes]:
    listed = folder / "devices.json"
    listed.write_text(json.dumps([{"id": each, "key": key.hex()} for each, key in devices]))
    return _spawn(
        "dispatcher.sim.speakers", "--url", url, "--devices", str(listed), "--silent", silent,
        "--speed", "20", "--seed", "7",
    )  # fmt: skip


def _spawn(module: str, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_die_with_parent,  # noqa: PLW1509 - only a system call, no lock
    )


def _die_with_parent() -> None:
    """Linux: a demo that is killed leaves no loudspeaker behind (prctl(2))."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
