"""Start a server that cannot outlive the tests, and stop it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None, use_errno=True)
# Below the range that Linux gives to outgoing connections (ip_local_port_range: 32768 and up), so
# that no test's client takes the port between our look and the server's bind.
_PORTS = range(20000, 32000)


def free_port() -> int:
    """A loopback port on which nobody listens."""
    choose = random.SystemRandom().choice
    while True:
        with socket.socket() as probe, contextlib.suppress(OSError):
            port = choose(_PORTS)
            probe.bind(("127.0.0.1", port))
            return port


def _die_with(parent: int) -> None:
    """Ask the kernel for SIGKILL when the parent ends, however it ends."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)


@contextlib.contextmanager
def running(
    command: Sequence[str | Path],
    *,
    is_ready: Callable[[], bool],
    log: Path,
    user: str | None = None,
    stdin: bytes = b"",
    patience: float = 30.0,
) -> Iterator[None]:
    """Run `command` (as `user`, which only root can ask) until the block ends.

    Raises RuntimeError with the server's own log when it is not ready after `patience` seconds.
    """
    parent = os.getpid()
    with log.open("wb") as output:
        # preexec_fn is unsafe beside threads; a pytest worker starts its servers from its only one.
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT,
            user=user,
            group=None if user is None else _group_of(user),
            extra_groups=None if user is None else [],
            cwd="/",
            preexec_fn=lambda: _die_with(parent),  # noqa: PLW1509
        )
    try:
        assert process.stdin is not None
        process.stdin.write(stdin)
        process.stdin.close()
        _wait(process, is_ready, time.monotonic() + patience, log)
        yield
    finally:
        _stop(process)


def _group_of(user: str) -> int:
    import pwd

    return pwd.getpwnam(user).pw_gid


def _wait(
    process: subprocess.Popen[bytes], is_ready: Callable[[], bool], deadline: float, log: Path
) -> None:
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"{process.args!r} is not ready:\n{log.read_text(errors='replace')}")
        time.sleep(0.02)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown; Valkey's too
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
