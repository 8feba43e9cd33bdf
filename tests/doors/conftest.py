"""`loa`: the command line in this process, on an installation of the test's own."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from dispatcher import cli


class Ended(NamedTuple):
    """How a command ended and what it said."""

    status: int
    out: str
    err: str

    @property
    def told(self) -> Any:
        return json.loads(self.out)


Loa = Callable[..., Ended]


@contextmanager
def process() -> Iterator[None]:
    """What a process sets up for itself ends with it: `loa serve` takes the root logger."""
    root = logging.getLogger()
    kept, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = kept
        root.setLevel(level)


@pytest.fixture
def loa(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Loa:
    """loa('send', …) → how it ended. The database is SQLite in the test's folder."""
    monkeypatch.setenv("LOA_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)

    def run(*words: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["loa", *words])
        try:
            with process():
                cli.main()
        except SystemExit as left:
            return Ended(int(left.code or 0), *capsys.readouterr())
        return Ended(0, *capsys.readouterr())

    return run


COMMUNE = "18262"
AGENCY = "Ủy ban nhân dân xã Đức Quang"
PEOPLE = (
    "Nguyễn Thị Mai:Công chức văn hóa:author,operator,administrator",
    "Trần Văn Bình:Phó Chủ tịch:approver",
)


@pytest.fixture
def begin(loa: Loa) -> Loa:
    """loa init of an agency; words given are added."""

    def run(*words: str, agency: str = AGENCY, accounts: tuple[str, ...] = PEOPLE) -> Ended:
        told = [word for each in accounts for word in ("--account", each)]
        basis = ("--short", "UBND xã", "--area", COMMUNE, "--hotline", "1022")
        return loa("init", "--agency", agency, *basis, *told, *words)

    return run
