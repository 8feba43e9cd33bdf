"""Browsers that have signed in before: their tries are counted apart from everybody else's.

So nobody who merely knows a login can lock its owner out of the owner's own telephone
(OWASP, "Slow down online guessing attacks with device cookies").
"""

import base64
import binascii
import hashlib
import hmac

#: How long a browser is known, in seconds.
GOOD_FOR_S = 180 * 86_400

_NUMBER, _TAG = 16, 32


def issue(secret: bytes, login: str, number: bytes) -> str:
    """What a browser keeps after a success. ``number``: 16 random bytes."""
    return base64.urlsafe_b64encode(number + _tag(secret, login, number)).decode()


def number(secret: bytes, login: str, kept: str) -> str | None:
    """Which device of the login's it is; None for another login's, a stranger's or none."""
    try:
        data = base64.b64decode(kept, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    given, tag = data[:_NUMBER], data[_NUMBER:]
    good = len(data) == _NUMBER + _TAG and hmac.compare_digest(tag, _tag(secret, login, given))
    return given.hex() if good else None


def _tag(secret: bytes, login: str, number_: bytes) -> bytes:
    return hmac.digest(secret, b"device\0" + login.encode() + b"\0" + number_, hashlib.sha256)
