"""The databases that are measured, and the processor time of their servers."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psycopg

from tests.servers.postgres import PostgresServer

#: Where in a line of /proc/PID/stat, counted from behind the name: the parent; clock ticks as user
#: and as system; those, and the ones of children that are over.
_PARENT, _OWN, _OWN_AND_PAST = 1, slice(11, 13), slice(11, 15)
_TICKS = os.sysconf("SC_CLK_TCK")


@contextmanager
def databases(server: PostgresServer) -> Iterator[list[tuple[str, str]]]:
    """(Name, URL of an empty one) of each kind. SQLite's is empty: a file of the office's own."""
    url = server.create()
    try:
        yield [("SQLite", ""), ("PostgreSQL", url)]
    finally:
        server.drop(url)


def server_cpu(url: str) -> Callable[[], float]:
    """A clock of the CPU seconds that a PostgreSQL on this machine has used; without one it
    stands still."""
    if not url:
        return float
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        stat = _stat(backend)
    return partial(_family, int(stat[_PARENT])) if stat else float


def _family(parent: int) -> float:
    """A process, its children, and those of them that are over."""
    running = [_stat(int(each.name)) for each in Path("/proc").iterdir() if each.name.isdecimal()]
    children = [each for each in running if each and int(each[_PARENT]) == parent]
    used = [_stat(parent)[_OWN_AND_PAST], *(each[_OWN] for each in children)]
    return sum(int(ticks) for each in used for ticks in each) / _TICKS


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name (proc(5)); none if it is no PostgreSQL's."""
    try:
        name, _, fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")
    except OSError:
        return []
    return fields.split() if "(postgres" in name else []
