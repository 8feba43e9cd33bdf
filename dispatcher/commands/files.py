"""Files that commands write: whole, or not at all."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, cast


@contextmanager
def destination(output: Path | None) -> Iterator[BinaryIO]:
    """Where bytes go: the file, put in its place at the end, or standard output.

    An error leaves the file that was there as it was.
    """
    if output is None:
        yield sys.stdout.buffer
        return
    with NamedTemporaryFile(dir=output.absolute().parent, delete=False) as made:
        part = Path(made.name)
        try:
            yield cast(BinaryIO, made)
        except BaseException:
            part.unlink()
            raise
    part.chmod(0o640)
    part.replace(output)
