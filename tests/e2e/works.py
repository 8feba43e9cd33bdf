"""Real `loa work` processes, to be started and killed, around a PostgreSQL and a Valkey."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_REPOSITORY = Path(__file__).parents[2]

KEY = bytes(range(32))


@dataclass
class Works:
    """Worker processes of one installation. ``env``: its LOA_* settings."""

    env: dict[str, str]
    log: Path
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, count: int = 1) -> None:
        """One more process each, with four threads."""
        for _ in range(count):
            command = ["-m", "dramatiq", "workers:setup", "--processes", "1", "--threads", "4"]
            with self.log.open("ab") as output:
                process = subprocess.Popen(
                    [sys.executable, *command],
                    env=self.env,
                    cwd=_REPOSITORY,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
            self.running.append(process)

    def kill(self) -> None:
        """kill -9 the oldest process with all its children, as a power cut would."""
        process = self.running.pop(0)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def stop(self) -> None:
        while self.running:
            self.kill()


def settings(database: str, redis: str, folder: Path) -> dict[str, str]:
    """The environment of an installation."""
    return {
        **os.environ,
        "LOA_DATABASE_URL": database,
        "LOA_REDIS_URL": redis,
        "LOA_DATA_DIR": str(folder),
        "LOA_ROOT_KEY": base64.b64encode(KEY).decode(),
        "LOA_LOOPBACK_ROUTES": "true",
        "LOA_LEASE_S": "4",
        "LOA_TICK_S": "0.5",
    }


def until(true: Callable[[], bool], seconds: float, what: str) -> float:
    """Wait for something; return how many seconds it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, f"not after {seconds} s: {what}"
        time.sleep(0.1)
    return time.monotonic() - began
