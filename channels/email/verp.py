"""Return addresses that name the delivery (VERP), so that a bounce needs no look-up."""

import hmac
import re
from collections.abc import Iterator
from hashlib import sha256

from dispatcher.domain.model import Reference

#: Hexadecimal digits of the code: 64 bits, in lower case because servers on the way fold case.
_MAC_DIGITS = 16


class ReturnPath:
    """Makes and recognises ``b+<reference>-<mac>@domain``; the key keeps others from making one."""

    def __init__(self, domain: str, key: bytes) -> None:
        self._domain, self._key = domain, key
        token = rf"(\d+\.\d+\.\d+)-([0-9a-f]{{{_MAC_DIGITS}}})@{re.escape(domain)}"
        self._tokens = re.compile(token, re.IGNORECASE)

    def address(self, ref: Reference) -> str:
        """Where bounces of this try go."""
        return f"b+{self.token(ref)}@{self._domain}"

    def message_id(self, ref: Reference) -> str:
        """The Message-ID of this try, by which a complaint names it."""
        return f"<{self.token(ref)}@{self._domain}>"

    def token(self, ref: Reference) -> str:
        """The reference and the code that proves that we wrote it."""
        return f"{ref}-{self._mac(str(ref))}"

    def references(self, text: str) -> Iterator[Reference]:
        """The references in a text that were written by us."""
        for named, mac in self._tokens.findall(text):
            ref = Reference.parse(named)
            if ref and hmac.compare_digest(mac.lower(), self._mac(named)):
                yield ref

    def _mac(self, named: str) -> str:
        return hmac.digest(self._key, named.encode(), sha256).hex()[:_MAC_DIGITS]
