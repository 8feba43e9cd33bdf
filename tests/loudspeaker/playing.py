"""Player processes of a test, and what their logs say."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dispatcher.domain.playlist import Manifest
from tests.loudspeaker.desk import MemoryDesk

KEY = bytes(range(32))


class Players:
    """Starts ``python -m dispatcher.player`` for enrolled devices; ends them with the test."""

    def __init__(self, directory: Path, desk: MemoryDesk, trust: str) -> None:
        self._directory = directory
        self._desk = desk
        self._trust = trust
        self._processes: list[subprocess.Popen[bytes]] = []
        (directory / "key").write_text(KEY.hex())

    def start(self, url: str, draft: Manifest, *options: str) -> subprocess.Popen[bytes]:
        self._desk.enrol(draft, KEY)
        return self.again(url, draft.device, *options)

    def again(self, url: str, device: str, *options: str) -> subprocess.Popen[bytes]:
        """Start a device that is enrolled, with the state it had."""
        command = [sys.executable, "-m", "dispatcher.player", "--url", url, "--device", device]
        command += ["--key-file", str(self._directory / "key"), "--trust", self._trust]
        command += ["--state", str(self._directory / device)]
        command += ["--sink", f"file:{self.heard(device)}", *options]
        process = subprocess.Popen(command)
        self._processes.append(process)
        return process

    def heard(self, device: str) -> Path:
        """Where what was played lies as WAV files."""
        return self._directory / f"{device}-heard"

    def log(self, device: str) -> list[dict[str, Any]]:
        """What the server has of a device's log."""
        return [json.loads(line) for line in self._desk.words(device).splitlines()]

    def wait_for(
        self, device: str, word: str, item: str = "", within_s: float = 15
    ) -> dict[str, Any]:
        """The first line with that word about that item."""
        found: dict[str, Any] = self.wait(
            lambda: next(
                (
                    line
                    for line in self.log(device)
                    if line["t"] == word and item in {"", line.get("item")}
                ),
                None,
            ),
            f"{word} {item}: {self.log(device)}",
            within_s,
        )
        return found

    def reasons(self, device: str) -> list[str]:
        """Why it rejected what it rejected, in its order."""
        return [line["reason"] for line in self.log(device) if line["t"] == "rejected"]

    @staticmethod
    def wait(found: Callable[[], Any], words: str, within_s: float = 15) -> Any:
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            result = found()
            if result:
                return result
            time.sleep(0.02)
        raise AssertionError(f"did not happen in {within_s} s: {words}")

    @staticmethod
    def kill(process: subprocess.Popen[bytes]) -> None:
        """Cut its power."""
        process.send_signal(signal.SIGKILL)
        process.wait(5)

    def end(self) -> None:
        for process in self._processes:
            process.kill()
            process.wait(5)
