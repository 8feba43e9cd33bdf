"""Passwords as argon2id keeps them, without letting a flood of them eat the machine."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from dispatcher.domain.errors import TooMany
from dispatcher.domain.logins import LONGEST, canonical

#: RFC 9106 §4, second recommendation: 64 MiB, three passes; some 0.2 s of one core. One lane
#: instead of four: a server hashes for several people at once anyway.
_MEMORY_KIB, _PASSES, _LANES = 65_536, 3, 1

#: Hashes of a process at the same time (128 MiB in all), and how many more may wait for their
#: turn: fewer than the threads that serve requests, so that a flood leaves some for others.
_AT_ONCE, _WAITING = 2, 4


class Passwords:
    """Hashes and compares. One for a process; safe to share between threads."""

    def __init__(self, *, memory_kib: int = _MEMORY_KIB, passes: int = _PASSES) -> None:
        self._hasher = PasswordHasher(
            time_cost=passes, memory_cost=memory_kib, parallelism=_LANES, type=Type.ID
        )
        self._working = threading.BoundedSemaphore(_AT_ONCE)
        self._inside = threading.BoundedSemaphore(_AT_ONCE + _WAITING)

    def encode(self, password: str) -> str:
        """A password as it is stored: parameters, salt and hash. Raises TooMany."""
        with self._turn():
            return self._hasher.hash(canonical(password))

    def matches(self, encoded: str, password: str) -> bool:
        """Whether it is the password. ``encoded`` empty: nobody's, which takes as long.

        Raises TooMany when too many are waiting.
        """
        known = encoded or self._nobody
        with self._turn():
            try:
                same = self._hasher.verify(known, canonical(password[: LONGEST * 2]))
            except (VerificationError, InvalidHashError):
                return False
        return same and bool(encoded)

    def outdated(self, encoded: str) -> bool:
        """Whether it was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(encoded)

    @cached_property
    def _nobody(self) -> str:
        """A hash that costs what a real one costs: how long an answer takes tells nothing."""
        return self._hasher.hash("nobody")

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._inside.acquire(blocking=False):
            raise TooMany(
                "sign_in_busy",
                "Hệ thống đang có quá nhiều lượt đăng nhập. Hãy thử lại sau ít giây.",
                "Too many people are signing in at this moment. Try again in a few seconds.",
            )
        try:
            with self._working:
                yield
        finally:
            self._inside.release()
