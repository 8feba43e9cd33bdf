"""What a message is billed as."""

from dispatcher.domain.model import AddressKind, Payload, Shape, Traits
from dispatcher.domain.text import sms_parts


def parts(traits: Traits, payload: Payload) -> int:
    """Billable parts: SMS parts for texts to telephones, one for everything else."""
    if traits.address is AddressKind.PHONE and traits.shape is Shape.TEXT:
        return sms_parts(payload.text).parts
    return 1
