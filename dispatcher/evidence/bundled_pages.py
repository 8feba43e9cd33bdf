"""The pages that a finished bundle holds, read back from its folder or zip file."""

import hashlib
import json
import zipfile
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dispatcher.domain.errors import BadInput
from dispatcher.ledger import entries

_PAGES, _MANIFEST = "pages.jsonl", "manifest.json"


@dataclass(frozen=True, slots=True)
class BundledPages:
    """``bundle``: SHA-256 of its manifest; ``digests``: page → the leaf hash of its bytes."""

    bundle: bytes
    digests: dict[int, bytes]


def read(path: Path) -> BundledPages:
    """Hash every page of a bundle anew.

    Raises BadInput for what is no bundle, or for one whose pages are not those of its manifest.
    """
    try:
        with _file(path, _MANIFEST) as file:
            manifest = file.read()
        expected = json.loads(manifest)["files"][_PAGES]
        with _file(path, _PAGES) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        with _file(path, _PAGES) as file:
            digests = dict(_digests(file))
    except (OSError, KeyError, TypeError, ValueError, zipfile.BadZipFile) as error:
        raise _no_bundle(path) from error
    if found != expected:
        raise _no_bundle(path)
    return BundledPages(hashlib.sha256(manifest).digest(), digests)


@contextmanager
def _file(path: Path, name: str) -> Iterator[IO[bytes]]:
    if path.is_dir():
        with (path / name).open("rb") as file:
            yield file
        return
    with zipfile.ZipFile(path) as archive, archive.open(name) as file:
        yield file


def _digests(lines: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    for line in lines:
        row = json.loads(line)
        body = list(entries.unpack(b64decode(row["body"], validate=True)))
        yield row["page"], entries.page_digest(row["page"], row["dispatch"], row["at"], body)


def _no_bundle(path: Path) -> BadInput:
    return BadInput(
        "no_bundle",
        f"{path} không phải gói bằng chứng nguyên vẹn của loa audit export.",
        f"{path} is no whole bundle of 'loa audit export'.",
        field="--bundle",
    )
