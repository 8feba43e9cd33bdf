"""What signing in works with, and who knocks."""

import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

from dispatcher.ledger.store import Ledger
from dispatcher.signin.hashing import Passwords


@dataclass(frozen=True, slots=True)
class Gate:
    """Made once per process. ``secret``: 32 bytes that sign recovery tickets and known devices."""

    ledger: Ledger
    passwords: Passwords
    secret: bytes


def gate(ledger: Ledger, installation_secret: bytes) -> Gate:
    """The gate of an installation, with a key of its own made from the installation's."""
    secret = hmac.digest(installation_secret, b"loa/sign-in", hashlib.sha256)
    return Gate(ledger, Passwords(), secret)


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
