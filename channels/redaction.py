"""Foreign words made fit for a log: providers quote phone numbers and addresses in their errors."""

import re

from dispatcher.domain.phone import mask_phones

_LOCAL_PART = re.compile(r"[^\s<>@\"'(:=,;]+@")
_LONGEST = 200


def redacted(words: str) -> str:
    """One line of at most 200 characters without phone numbers or e-mail addresses."""
    # Cut first what could make the patterns slow, and last what they left.
    line = " ".join(words[: 4 * _LONGEST].split())
    return mask_phones(_LOCAL_PART.sub("•••@", line))[:_LONGEST]
