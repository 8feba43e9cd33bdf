"""The newest checkpoint, kept outside the database as a file.

A database that was restored, or a replica that was promoted, cannot know what it has forgotten;
this file can. Every machine that sends keeps one of its own.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dispatcher.domain.errors import Misconfigured
from dispatcher.ledger.verifying.notes import BadNote, Signer

NEWEST = "newest.txt"

#: A line of the history is kept at most once in so many milliseconds: some 300 kB a day.
_HISTORY_EVERY_MS = 60_000


@dataclass(frozen=True, slots=True)
class Point:
    """What a checkpoint of ours says: the log ``origin`` had ``size`` leaves and this root."""

    origin: str
    size: int
    root: bytes
    note: str


def point(note: str, origin: str, public_key: bytes) -> Point | None:
    """A note as what it says, if this key signed it for ``origin`` or a generation of it."""
    name = note.partition("\n")[0]
    if number_of(name, origin) is None:
        return None
    try:
        claim = Signer(name, public_key).read(note)
    except BadNote:
        return None
    return Point(name, claim.size, claim.root, note)


def number_of(name: str, origin: str) -> int | None:
    """Which generation of ``origin`` bears this name; None if it is another log's."""
    if name == origin:
        return 1
    behind = name.removeprefix(f"{origin}/")
    return int(behind) if behind != name and behind.isdecimal() else None


@dataclass(frozen=True, slots=True)
class Kept:
    """A folder with the newest checkpoint and, a file a day, those before it.

    ``public_key`` is the log's: what others put into the folder is no checkpoint.
    """

    folder: Path
    origin: str
    public_key: bytes

    def newest(self) -> Point | None:
        """The newest checkpoint kept here, None if there is none.

        Raises OSError, and Misconfigured when it is another log's: the database may be the wrong
        one, and nothing may be sent from it or kept over what is there.
        """
        path = self.folder / NEWEST
        try:
            note = path.read_text()
        except FileNotFoundError:
            return None
        found = point(note, self.origin, self.public_key)
        if found is None:
            raise Misconfigured(
                "foreign_checkpoint",
                f"{path} là điểm kiểm của sổ nhật ký khác. Kiểm tra LOA_DATABASE_URL, LOA_ORIGIN "
                "và LOA_CHECKPOINT_DIR; nếu đây là hệ thống mới, chuyển tệp đó đi nơi khác.",
                f"{path} is the checkpoint of another log. Check LOA_DATABASE_URL, LOA_ORIGIN and "
                "LOA_CHECKPOINT_DIR; if this installation is new, move that file away.",
                field="LOA_CHECKPOINT_DIR",
            )
        return found

    def keep(self, note: str, at: int) -> bool:
        """Replace the newest by a newer one, written through to the disk. ``at``: epoch ms.

        False when what is kept is as new. Raises what ``newest`` raises, and ValueError for a note
        that is not ours.
        """
        new = point(note, self.origin, self.public_key)
        if new is None:
            raise ValueError("not a checkpoint of this log")
        with self._alone():
            old = self.newest()
            if old and old.origin == new.origin and old.size >= new.size:
                return False
            self._remember(note, at)
            _replace(self.folder / NEWEST, note)
        return True

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Several processes keep in one folder: the older note must not come last."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _remember(self, note: str, at: int) -> None:
        day = datetime.fromtimestamp(at / 1000, UTC)
        history = self.folder / f"{day:%Y-%m-%d}.txt"
        if history.exists() and at - history.stat().st_mtime_ns // 1_000_000 < _HISTORY_EVERY_MS:
            return
        with history.open("a") as file:
            file.write(f"{note}\n")
        os.utime(history, ns=(at * 1_000_000, at * 1_000_000))


def _replace(path: Path, text: str) -> None:
    """Either the old file or the new one, whenever the power fails."""
    beside = path.with_suffix(".new")
    with beside.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
