"""Remembering which rows were seen, in twelve bytes a row: a province's list has millions."""

import hashlib

import numpy as np
from numpy.typing import NDArray


class Seen:
    """Keys of rows already read, with the row where each stood first.

    Keys are kept as 64 bits of BLAKE2b: among ten million rows, two different ones collide with a
    probability of 3 in a million, and the price is one refused row that says so.
    """

    def __init__(self) -> None:
        self._keys: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._rows: NDArray[np.uint32] = np.empty(0, np.uint32)
        self._fresh: dict[int, int] = {}

    def first(self, key: str, row: int) -> int:
        """The row where ``key`` stood first: ``row`` itself if it is new."""
        number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")
        place = int(np.searchsorted(self._keys, np.uint64(number)))
        if place < len(self._keys) and int(self._keys[place]) == number:
            return int(self._rows[place])
        return self._fresh.setdefault(number, row)

    def settle(self) -> None:
        """Move what is new into the sorted arrays; call now and then, not for every row."""
        keys = np.fromiter(sorted(self._fresh), np.uint64, len(self._fresh))
        rows = np.fromiter((self._fresh[int(key)] for key in keys), np.uint32, len(keys))
        places = np.searchsorted(self._keys, keys)
        self._keys = np.insert(self._keys, places, keys)
        self._rows = np.insert(self._rows, places, rows)
        self._fresh = {}
