"""How long to wait after wrong tries: longer each time, never longer than a quarter of an hour.

No lock is for ever, because whoever knows a login could then keep its owner out (OWASP ASVS
§2.2.1). At the longest wait, a hundred guesses take a day (NIST SP 800-63B-4 §3.2.2).
"""

from dataclasses import dataclass

_DAY_MS = 86_400_000


@dataclass(frozen=True, slots=True)
class Patience:
    """``free`` tries without a wait; then ``first_ms``, doubled each time up to ``longest_ms``.

    What lies further back than ``forget_ms`` does not count any more.
    """

    free: int
    first_ms: int = 30_000
    longest_ms: int = 900_000
    forget_ms: int = _DAY_MS

    def wait_ms(self, tries: int) -> int:
        """How long after the last of so many tries the next one is refused."""
        if tries < self.free:
            return 0
        doublings = min(tries - self.free, 16)
        return min(self.first_ms << doublings, self.longest_ms)


#: A login, or a device that has signed in with it before.
OF_LOGIN = Patience(free=5)

#: A client's address: a whole office may share one.
OF_CLIENT = Patience(free=30)

#: The second factor, for who has shown the password. Six digits, three of them valid at a time:
#: a hundred guesses a day find one in three thousand days on average.
OF_CODE = Patience(free=5)
