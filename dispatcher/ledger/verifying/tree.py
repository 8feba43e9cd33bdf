"""Tree hashes of RFC 9162 §2.1 in one pass, with a logarithmic memory."""

import hashlib
from collections.abc import Iterable

_sha256 = hashlib.sha256

EMPTY = _sha256(b"").digest()


def leaf(data: bytes) -> bytes:
    return _sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    return _sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees of what was pushed, largest first.

    Their sizes are the binary digits of ``size``; folded from the right they are the tree hash.
    """

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes] = []

    def push(self, digest: bytes) -> None:
        """Add one leaf hash: a one at the end of ``size`` is a peak of equal height to join."""
        carry = self.size
        while carry & 1:
            digest = node(self._peaks.pop(), digest)
            carry >>= 1
        self._peaks.append(digest)
        self.size += 1

    def root(self) -> bytes:
        """The tree hash of everything pushed so far."""
        if not self._peaks:
            return EMPTY
        right = self._peaks[-1]
        for left in reversed(self._peaks[:-1]):
            right = node(left, right)
        return right


def root(leaves: Iterable[bytes]) -> bytes:
    """The tree hash over leaf hashes."""
    frontier = Frontier()
    for each in leaves:
        frontier.push(each)
    return frontier.root()
