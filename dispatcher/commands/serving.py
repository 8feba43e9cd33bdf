"""``loa serve`` and ``loa work``: the two kinds of process of an installation."""

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import click

from dispatcher.commands import session

if TYPE_CHECKING:
    from dispatcher.bootstrap import Runtime

#: Threads of a worker process: one batch each.
_THREADS = 2


@click.command()
@click.option("--host", help="Address to listen on (default: LOA_HOST).")
@click.option("--port", type=int, help="Port to listen on (default: LOA_PORT).")
def serve(host: str | None, port: int | None) -> None:
    """Serve the API, callbacks, devices and pages. Without LOA_REDIS_URL also do the work."""
    import uvicorn

    import api
    from dispatcher import bootstrap, logs
    from dispatcher.config import Settings
    from dispatcher.engine import Embedded
    from dispatcher.web.server import Server

    logs.configure()
    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    runtime = bootstrap.build(Settings().model_copy(update=given))
    settings = runtime.settings
    _check_free(settings.host, settings.port)
    bootstrap.prepare(runtime)
    _refuse_dangers(runtime)
    click.echo(f"Loa: {settings.public_url} ({runtime.ledger.dialect})")
    if settings.redis_url:
        app = api.create_app(runtime)
        config = uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=5,
        )
        Server(config).run()
        runtime.close()
        return
    with Embedded(runtime):
        _wait_for_a_signal()


def _refuse_dangers(runtime: "Runtime") -> None:
    from dispatcher.ledger import desk
    from dispatcher.safety import refuse_dangers

    with runtime.ledger.read() as conn:
        refuse_dangers(runtime.settings, desk.get_mark(conn, "kind"))


def _check_free(host: str, port: int) -> None:
    """Raises OSError, naming LOA_PORT, before anything is started on a port that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise OSError(
                error.errno, error.strerror, f"LOA_HOST={host} LOA_PORT={port}"
            ) from error


def _wait_for_a_signal() -> None:
    def ended(*_: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, ended)
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return


@click.command()
@click.option("--processes", default=2, show_default=True, help="Workers for all lanes.")
@click.option("--emergency", default=1, show_default=True, help="Workers for emergencies only.")
def work(processes: int, emergency: int) -> None:
    """Do the work: expand, send, track and tick, in several processes. Needs LOA_REDIS_URL.

    A process that dies is started again; Ctrl-C and SIGTERM end all of them after their windows.
    """
    with session.runtime() as opened:
        _refuse_dangers(opened)
    commands = [_dramatiq(["emergency"]) for _ in range(emergency)]
    commands += [_dramatiq(["emergency", "priority", "normal", "engine"]) for _ in range(processes)]
    ending = False

    def end(*_: object) -> None:
        nonlocal ending
        ending = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    running = [_start(command) for command in commands]
    while not ending:
        time.sleep(0.5)
        for position, process in enumerate(running):
            if process.poll() is not None and not ending:
                click.echo(f"worker {process.pid} ended ({process.returncode}), starting another")
                running[position] = _start(commands[position])
    for process in running:
        process.send_signal(signal.SIGTERM)
    for process in running:
        process.wait(60)


def _dramatiq(queues: list[str]) -> list[str]:
    return [
        sys.executable, "-m", "dramatiq", "workers:setup", "--processes", "1",
        "--threads", str(_THREADS), "--worker-shutdown-timeout", "60000", "--queues", *queues,
    ]  # fmt: skip


def _start(command: list[str]) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "dramatiq_queue_prefetch": "1", "dramatiq_worker_timeout": "100"}
    return subprocess.Popen(command, env=environment, start_new_session=True)
