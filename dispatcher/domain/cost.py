"""What a message is billed as."""

from functools import lru_cache

from dispatcher.domain.model import AddressKind, Payload, Shape, Traits
from dispatcher.domain.text import sms_parts


def parts(traits: Traits, payload: Payload) -> int:
    """Billable parts: SMS parts for texts to telephones, one for everything else."""
    if traits.address is AddressKind.PHONE and traits.shape is Shape.TEXT:
        return _counted(payload.text)
    return 1


@lru_cache(maxsize=1024)
def _counted(text: str) -> int:
    """Most recipients of a bulletin get the same text: 0.1 ms saved for each of them."""
    return sms_parts(text).parts
