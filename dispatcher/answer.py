"""The verb that listens: a person's reply confirms the delivery it answers."""

from dispatcher.domain.model import AddressKind, Reference, StatusEvent
from dispatcher.domain.ports import Queue
from dispatcher.domain.status import Evidence, Status
from dispatcher.ledger import desk, people, receipts, responsible
from dispatcher.ledger.store import Ledger

#: Replies that confirm. What people type after "trả lời 1" in a hurry.
CONFIRMING = frozenset({"1", "1.", "ok", "oke", "da nhan", "đã nhận", "nhan", "nhận"})

#: A reply answers a message of the last day.
_REACH_MS = 86_400_000


def answer(
    ledger: Ledger, queue: Queue, channel: str, kind: AddressKind, sender: str, text: str
) -> bool:
    """Take a reply from a canonical address; True when it confirmed a delivery.

    Anything else is kept in the inbox without a delivery, for people to read.
    """
    confirms = text.strip().lower() in CONFIRMING
    with ledger.begin() as conn:
        now = desk.now(conn)
        address = people.find_address(conn, ledger.vault, kind, sender)
        found = (
            responsible.latest_delivery(conn, address, channel, now - _REACH_MS)
            if address is not None and confirms
            else None
        )
        ref = Reference(found.dispatch_id, found.id, found.attempt) if found else None
        status = Status.SEEN if ref else Status.UNKNOWN
        event = StatusEvent(ref, status, evidence=Evidence.PERSON, code="reply", at=now)
        receipts.store(conn, ledger.vault, None, [event], f"{sender}\n{text}".encode(), now)
    queue.ring("track")
    return ref is not None
