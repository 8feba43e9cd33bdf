"""The second factor: six digits that change every half minute (TOTP, RFC 6238), and spare codes."""

import re
import secrets
from collections.abc import Callable, Iterable

import pyotp

#: Roles that can put a text on a loudspeaker, or say who can.
NEEDED_BY = frozenset({"approver", "administrator", "duty_officer"})

#: Marks a role that a session without the second factor has, but may not use.
WITHHELD = "withheld:"

_STEP_MS = 30_000

#: Steps before and after the present one: clocks and thumbs are slow (RFC 6238 §5.2).
_LEEWAY = (0, -1, 1)

_SPARES = 10
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_SPARE_LENGTH = 12


def withheld(roles: Iterable[str]) -> frozenset[str]:
    """The roles as a session without the second factor has them: the strong ones only marked."""
    return frozenset(WITHHELD + each if each in NEEDED_BY else each for each in roles)


def lacking(roles: Iterable[str]) -> bool:
    """Whether one of the roles waits for the second factor."""
    return any(each.startswith(WITHHELD) for each in roles)


def new_secret() -> str:
    """160 random bits in base32 (RFC 4226 §4)."""
    return pyotp.random_base32()


def address(secret: str, login: str) -> str:
    """The ``otpauth://`` address that an authenticator reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name="Loa")


def step(secret: str, code: str, now: int) -> int | None:
    """The number of the half minute that a code is for; None if it is wrong. ``now``: epoch ms."""
    digits = re.sub(r"\s", "", code)
    totp, present = pyotp.TOTP(secret), now // _STEP_MS
    for each in _LEEWAY:
        if pyotp.utils.strings_equal(digits, totp.generate_otp(present + each)):
            return present + each
    return None


def spare_codes(choice: Callable[[str], str] = secrets.choice) -> list[str]:
    """Ten codes of 60 bits for the day the telephone is lost, in three groups of four."""
    made = ["".join(choice(_ALPHABET) for _ in range(_SPARE_LENGTH)) for _ in range(_SPARES)]
    return ["-".join(re.findall("....", each)) for each in made]


def spare(given: str) -> str | None:
    """A spare code in its only spelling; None for what cannot be one."""
    bare = re.sub(r"[\s-]", "", given).upper()
    if len(bare) != _SPARE_LENGTH or not set(bare) <= set(_ALPHABET):
        return None
    return "-".join(re.findall("....", bare))
