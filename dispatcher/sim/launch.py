"""Starts simulators: in this process for the command line, as children for tests and benches."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import json
import os
import signal
import subprocess
import sys
import time
from typing import NamedTuple

import uvloop

from .clock import Clock
from .misbehave import Temper
from .options import BUILDERS, Options, build, build_receipts, parse, port_for
from .seen import Seen
from .serving import loopback, port_of, serve_http
from .smtp import MailServer, serve_smtp
from .stage import Stage

# prctl(2): the signal this process gets when its parent dies.
PR_SET_PDEATHSIG = 1
# Messages and timers are kept by the hundred thousand and form no cycles: with Python's usual
# threshold the collector takes a third of the time.
GC_THRESHOLD = (200_000, 50, 1000)


class Started(NamedTuple):
    """A running simulator. `url` is where the client goes, `control` has /_sim/*; they differ
    for SMTP only."""

    process: subprocess.Popen[bytes]
    url: str
    control: str

    def stop(self) -> None:
        """End it and wait."""
        self.process.terminate()
        self.process.wait(10)


def start(name: str, **options: object) -> Started:
    """Start `python -m dispatcher.sim NAME` and return when it listens.

    Keywords are the command line's options: `seed=7`, `callback_url="http://…"`,
    `fate=["^84=-118"]`, `night=True`, `manners={"error": 0.1}`. The child dies with the
    *thread* that started it (prctl's rule), so start it from one that lives on.
    """
    command = [sys.executable, "-m", "dispatcher.sim", name, f"--parent={os.getpid()}"]
    for option, value in options.items():
        command += _flags(f"--{option.replace('_', '-')}", value)
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    line = _first_line(process)
    if not line:
        raise RuntimeError(f"{name} did not start, exit status {process.wait(10)}")
    ready = json.loads(line)
    return Started(process, ready["url"], ready["control"])


def _first_line(process: subprocess.Popen[bytes]) -> bytes:
    """What it says when it is ready; empty when it died. It says nothing more afterwards."""
    if process.stdout is None:
        return b""
    with process.stdout as pipe:
        return pipe.readline()


def main(arguments: list[str]) -> None:
    """Serve until killed; one JSON line {"name","url","control"} per simulator when ready."""
    options = parse(arguments)
    if options.parent:
        _die_with(options.parent)
    gc.set_threshold(*GC_THRESHOLD)
    names = list(BUILDERS) if options.name == "all" else [options.name]
    uvloop.run(_serve(names, options))


async def _serve(names: list[str], options: Options) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    servers = [server for name in names for server in await _open(name, options)]
    await stop.wait()
    for server in servers:
        server.close()


async def _open(name: str, options: Options) -> list[asyncio.Server]:
    now = time.monotonic()
    temper, seen = Temper(options.manners, options.seed, now), Seen(now)
    receipts = build_receipts(options, name, temper, seen, time.monotonic)
    clock = Clock(options.now, options.pace)
    port = port_for(options, name)
    provider = build(options, name, receipts, clock)
    stage = Stage(provider, temper, seen, time.monotonic)
    if not isinstance(provider, MailServer):
        listener = loopback(port)
        _announce(name, url := f"http://127.0.0.1:{port_of(listener)}", url)
        return [await serve_http(stage.receive, listener)]
    mail, control = loopback(port), loopback(options.control_port)
    servers = [await serve_smtp(provider, mail), await serve_http(stage.receive, control)]
    _announce(name, f"smtp://127.0.0.1:{port_of(mail)}", f"http://127.0.0.1:{port_of(control)}")
    return servers


def _announce(name: str, url: str, control: str) -> None:
    line = json.dumps({"name": name, "url": url, "control": control})
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _flags(flag: str, value: object) -> list[str]:
    if value is True:
        return [flag]
    if value is None or value is False:
        return []
    if isinstance(value, dict):
        return [f"{flag}={json.dumps(value)}"]
    if isinstance(value, list | tuple):
        return [f"{flag}={item}" for item in value]
    return [f"{flag}={value}"]


def _die_with(parent: int) -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It died before we asked to be told.
        sys.exit("the parent process is gone")
