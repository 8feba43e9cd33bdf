"""What signing in works with, and who knocks."""

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from dispatcher.ledger.store import Ledger
from dispatcher.signin.hashing import Passwords


@dataclass(frozen=True, slots=True)
class Gate:
    """Made once per process. ``installation`` tells the secret kept in the database."""

    ledger: Ledger
    passwords: Passwords
    installation: Callable[[], bytes]

    @property
    def secret(self) -> bytes:
        """32 bytes that sign recovery tickets and known devices."""
        return hmac.digest(self.installation(), b"loa/sign-in", hashlib.sha256)


def gate(ledger: Ledger, installation: Callable[[], bytes]) -> Gate:
    """The gate of an installation. Nothing is asked of the database yet: it may be empty."""
    return Gate(ledger, Passwords(), installation)


@dataclass(frozen=True, slots=True)
class Client:
    """Where a try comes from. ``known``: what the browser kept of an earlier success."""

    address: str
    known: str = ""

    @property
    def network(self) -> str:
        """The address that tries are counted by: of IPv6 the /64, which is one household's."""
        try:
            found = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(found, IPv6Address):
            found = found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64)
        return str(found)
