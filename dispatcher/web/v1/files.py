"""Answers that are files: made whole first, so that an error on the way is told as one."""

import tempfile
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from fastapi.responses import StreamingResponse

from dispatcher.books.formats import FORMATS

#: Up to this many bytes a file is made in memory.
_IN_MEMORY = 1 << 20
_CHUNK = 1 << 16


def made(fill: Callable[[BinaryIO], None], kind: str, name: str) -> StreamingResponse:
    """What ``fill`` writes, as a file of a kind of ``FORMATS`` to be saved under ``name``."""
    out = cast(BinaryIO, tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - see _pieces
    try:
        fill(out)
    except BaseException:
        out.close()
        raise
    out.seek(0)
    said = {"Content-Disposition": f'attachment; filename="{name}.{kind}"'}
    return StreamingResponse(_pieces(out), media_type=FORMATS[kind].media, headers=said)


def _pieces(out: BinaryIO) -> Iterator[bytes]:
    with out:
        while piece := out.read(_CHUNK):
            yield piece
