"""What may be told of one person, and what only of many.

That somebody has seen a message is data that tracks their behaviour, and their language tells
ethnic origin: both are sensitive (Luật 91/2025/QH15, Nghị định 356/2025/NĐ-CP). Responsible people
are asked to confirm; that they did is their duty, and told.
"""

from dispatcher.domain.personal import SMALLEST_GROUP
from dispatcher.domain.status import Evidence, Status


def told(status: Status, evidence: Evidence) -> tuple[Status, Evidence]:
    """How a citizen's delivery is told one by one: arrived, on at most the carrier's word."""
    if status is Status.SEEN:
        return Status.DELIVERED, Evidence.CARRIER
    return status, min(evidence, Evidence.CARRIER)


def told_count(delivered: int, seen: int, citizens: int) -> tuple[int, int]:
    """(delivered, seen) as counts are told; ``citizens``: those of ``seen`` who need not confirm.

    A group too small to hide one of them counts as arrived.
    """
    if 0 < citizens < SMALLEST_GROUP:
        return delivered + seen, 0
    return delivered, seen
