"""The bundle as it is being written: a folder whose files are hashed as they grow."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, cast

from dispatcher.domain.canonical import canonical

#: What zip can date a file with at the earliest: equal bundles are equal bytes.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


class _Hashing:
    """A file that remembers the SHA-256 of what was written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._digest = file, hashlib.sha256()

    def write(self, data: bytes) -> int:
        self._digest.update(data)
        return self._file.write(data)

    def hexdigest(self) -> str:
        return self._digest.hexdigest()


class Folder:
    """``digests``: file → SHA-256 in hexadecimal, for the manifest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digests: dict[str, str] = {}

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A new file of the bundle, written once from beginning to end."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            hashing = _Hashing(file)
            yield cast(BinaryIO, hashing)
        self.digests[name] = hashing.hexdigest()

    def write(self, name: str, data: bytes) -> None:
        with self.open(name) as file:
            file.write(data)

    def write_json(self, name: str, value: Any) -> None:
        self.write(name, json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n")

    def adopt(self, name: str) -> None:
        """A file that another library wrote into the folder."""
        with (self.path / name).open("rb") as file:
            self.digests[name] = hashlib.file_digest(file, "sha256").hexdigest()

    def manifest(self) -> bytes:
        """The list of all files so far, in canonical bytes."""
        return canonical({"format": "loa-bundle/1", "files": self.digests})


def pack(folder: Path, archive: Path) -> None:
    """Put a finished folder into a zip file, which appears whole or not at all."""
    part = archive.with_name(f"{archive.name}.part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        for path in sorted(each for each in folder.rglob("*") if each.is_file()):
            named = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _NO_DATE)
            named.compress_type, named.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            with path.open("rb") as source, packed.open(named, "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 1 << 20)
    part.replace(archive)
