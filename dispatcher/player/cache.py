"""Sounds on the disk, named by their content; nothing half-written ever bears that name."""

import hashlib
import os
from enum import Enum
from pathlib import Path
from typing import BinaryIO

from dispatcher.player.manifest import Item
from dispatcher.player.wire import NETWORK_ERRORS, Wire


class Fetched(Enum):
    """What came of a download; PART: cut, but with something gained."""

    WHOLE = "whole"
    PART = "part"
    CUT = "cut"
    WRONG = "wrong"


class Cache:
    """A directory of sounds."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self._directory = directory

    def path(self, sha256: str) -> Path:
        return self._directory / sha256

    def has(self, sha256: str) -> bool:
        return self.path(sha256).exists()

    def intact(self, sha256: str) -> bool:
        """Whether the sound is there and is still what its name says: cards are swapped and rot."""
        try:
            if _digest(self.path(sha256)) == sha256:
                return True
        except OSError:
            return False
        self.path(sha256).unlink(missing_ok=True)
        return False

    def fetch(self, item: Item, wire: Wire) -> Fetched:
        """Download a sound, going on where the last try was cut."""
        part = self._directory / f"{item.sha256}.part"
        with part.open("ab") as file:
            start = file.tell()
            try:
                status = wire.sound(item.sha256, start, _Taker(file, item.bytes))
            except TooLong:
                status = 416
            except NETWORK_ERRORS:
                status = 0
            file.flush()
            os.fsync(file.fileno())
        return self._judge(item, part, start, status)

    def keep_only(self, wanted: set[str]) -> None:
        """Make room: drop sounds that no item of the manifest names."""
        for path in self._directory.iterdir():
            if path.name.removesuffix(".part") not in wanted:
                path.unlink()

    def _judge(self, item: Item, part: Path, start: int, status: int) -> Fetched:
        if status == 416 or (status == 200 and start):
            part.unlink()
            return Fetched.CUT if start else Fetched.WRONG
        if part.stat().st_size < item.bytes:
            return Fetched.PART if part.stat().st_size > start else Fetched.CUT
        if _digest(part) != item.sha256:
            part.unlink()
            return Fetched.WRONG
        part.rename(self.path(item.sha256))
        _sync_directory(self._directory)
        return Fetched.WHOLE


class TooLong(Exception):
    """More bytes than the manifest promised."""


class _Taker:
    """Writes pieces, never more than promised: a card is small."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self._most = most

    def __call__(self, piece: bytes) -> None:
        if self._file.tell() + len(piece) > self._most:
            raise TooLong
        self._file.write(piece)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_directory(directory: Path) -> None:
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
