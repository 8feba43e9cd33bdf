"""Which recipient meets which fate: by pattern, or by a share that depends on the seed.

A fate belongs to the recipient and not to the order of requests, so a retry meets it again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b


class Fates:
    """`patterns` are (regular expression, fate), the first that is found in the recipient wins;
    `shares` are (fate, share of all other recipients). A fate is a name of the provider's own:
    an error code, a reply code, a final status."""

    def __init__(
        self,
        patterns: Iterable[tuple[str, str]] = (),
        shares: Iterable[tuple[str, float]] = (),
        seed: int = 0,
    ) -> None:
        self._patterns = [(re.compile(pattern), fate) for pattern, fate in patterns]
        self._shares = list(shares)
        self._key = seed.to_bytes(8, "big")

    def of(self, recipient: str) -> str:
        """The recipient's fate; empty when nothing special happens to it."""
        for pattern, fate in self._patterns:
            if pattern.search(recipient):
                return fate
        return self._by_share(recipient) if self._shares else ""

    def _by_share(self, recipient: str) -> str:
        digest = blake2b(recipient.encode(), digest_size=4, key=self._key).digest()
        drawn = int.from_bytes(digest, "big") / 2**32
        for fate, share in self._shares:
            if drawn < share:
                return fate
            drawn -= share
        return ""
