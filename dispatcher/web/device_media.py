"""Sounds by their content: kept at hand, served whole or from where a device was cut off."""

import re
from collections import OrderedDict
from collections.abc import Mapping

from dispatcher.web.device_reply import Reply, problem

#: When an emergency is published, thousands of speakers ask for one sound in the same second.
SHELF_BYTES = 64 << 20

_RANGE = re.compile(r"bytes=(\d{1,15})-(\d{0,15})")


class MediaShelf:
    """The sounds asked for last, at most ``SHELF_BYTES`` of them."""

    def __init__(self) -> None:
        self._sounds: OrderedDict[str, bytes] = OrderedDict()
        self._size = 0

    def get(self, sha256: str) -> bytes | None:
        if sha256 in self._sounds:
            self._sounds.move_to_end(sha256)
        return self._sounds.get(sha256)

    def put(self, sha256: str, sound: bytes) -> None:
        if sha256 in self._sounds or len(sound) > SHELF_BYTES:
            return
        self._sounds[sha256] = sound
        self._size += len(sound)
        while self._size > SHELF_BYTES:
            _, dropped = self._sounds.popitem(last=False)
            self._size -= len(dropped)

    @staticmethod
    def serve(sha256: str, sound: bytes, headers: Mapping[str, str]) -> Reply:
        """RFC 9110 §14: one range, honoured unless ``If-Range`` names another content."""
        tag = f'"{sha256}"'
        fixed = {
            "etag": tag,
            "accept-ranges": "bytes",
            "cache-control": "public, max-age=31536000, immutable",
        }
        wanted = _RANGE.fullmatch(headers.get("range", ""))
        if wanted is None or headers.get("if-range", tag) != tag:
            return Reply(200, sound, "application/octet-stream", fixed)
        first, last = int(wanted[1]), min(int(wanted[2] or len(sound)), len(sound) - 1)
        if first > last:
            return problem(416, "no such range", {"content-range": f"bytes */{len(sound)}"})
        fixed["content-range"] = f"bytes {first}-{last}/{len(sound)}"
        part = memoryview(sound)[first : last + 1]
        return Reply(206, part, "application/octet-stream", fixed)
