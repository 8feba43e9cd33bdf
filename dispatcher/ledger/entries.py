"""Entries of the log in canonical bytes (docs/design.md §8).

Three forms, told apart by the first byte; numbers big-endian, never JSON on the hot path:

- BIRTH: a delivery comes to be, with the channel, the target and a commitment to its address;
- CHANGE: a delivery moves from one status to another;
- ACT: a person or the engine did something to a bulletin, an approval, a dispatch or a route.

A page's body is its entries, each behind a two-byte length. ``docs/ledger.md`` describes the
bytes for those who verify them with programs of their own.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from dispatcher.ledger import merkle

BIRTH, CHANGE, ACT = 1, 2, 3

_BIRTH = struct.Struct(">BQQBBBQQBHQ16s")
_CHANGE = struct.Struct(">BQQHHBBHBIHIQQQ16s")
_LENGTH = struct.Struct(">H")

#: Channels by number, because names are long; a number is for ever.
CHANNEL_NUMBERS: Mapping[str, int] = {
    "sms": 1,
    "email": 2,
    "zalo": 3,
    "ringback": 4,
    "loudspeaker": 5,
    "webhook": 6,
}

MAX_ENTRIES = 500


#: What stands where there is nothing to commit to.
_NOTHING = bytes(16)


class Change(NamedTuple):
    """One move of one delivery, its fields in the order of the bytes.

    ``at``: when it was entered; ``word_at``: when what it says happened by the word of whoever
    said it (0: nobody gave a time); both epoch ms. ``previous``: the page that holds this
    delivery's entry ``n - 1``.
    """

    dispatch: int
    delivery: int
    attempt: int
    n: int
    before: int
    after: int
    reason: int
    evidence: int
    route: int
    parts: int
    actor: int
    at: int
    word_at: int
    previous: int
    provider_ref: str = ""

    def to_bytes(self) -> bytes:
        *numbers, ref = self
        return _CHANGE.pack(CHANGE, *numbers, commitment(ref.encode()) if ref else _NOTHING)


def commitment(data: bytes) -> bytes:
    """Sixteen bytes that bind without revealing."""
    return hashlib.sha256(data).digest()[:16]


def birth(
    dispatch: int,
    delivery: int,
    *,
    step: int,
    channel: str,
    target: tuple[int, int],
    contact: int,
    state: tuple[int, int],
    at: int,
    address_digest: bytes,
) -> bytes:
    """A delivery's first entry.

    ``target``: (kind, id); ``contact``: the person meant, 0 for none; ``state``: (status, reason).
    """
    return _BIRTH.pack(
        BIRTH,
        dispatch,
        delivery,
        step,
        CHANNEL_NUMBERS[channel],
        target[0],
        target[1] & 0xFFFFFFFFFFFFFFFF,
        contact,
        state[0],
        state[1],
        at,
        commitment(address_digest) if address_digest else _NOTHING,
    )


def act(name: str, subject: str, actor: int, at: int, facts: Mapping[str, object]) -> bytes:
    """What somebody did, e.g. ``act("approve", "approval:4", 7, now, {...})``.

    Canonical JSON behind the form byte: sorted keys, UTF-8, no spaces. No personal data.
    """
    body = {"act": name, "subject": subject, "actor": actor, "at": at, "facts": facts}
    return bytes([ACT]) + canonical(body)


def canonical(value: object) -> bytes:
    """JSON with sorted keys, UTF-8 and no spaces: one value, one string of bytes."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def pack(entries: Iterable[bytes]) -> bytes:
    """A page's body."""
    return b"".join(_LENGTH.pack(len(entry)) + entry for entry in entries)


def unpack(body: bytes) -> Iterator[bytes]:
    """The entries of a page's body. Raises ValueError if it does not come out even."""
    offset = 0
    while offset < len(body):
        if offset + 2 > len(body):
            raise ValueError("a page ends in the middle of a length")
        (size,) = _LENGTH.unpack_from(body, offset)
        offset += 2 + size
        if offset > len(body):
            raise ValueError("a page ends in the middle of an entry")
        yield body[offset - size : offset]


_HEADER = struct.Struct(">BQQHQ")


def page_header(page: int, dispatch: int, count: int, at: int, entries_root: bytes) -> bytes:
    """What a page's digest covers: its number, dispatch (0: none), count, time, entries."""
    return _HEADER.pack(1, page, dispatch, count, at) + entries_root


def page_digest(page: int, dispatch: int, at: int, entries: list[bytes]) -> bytes:
    """The leaf hash of a page in the log."""
    entries_root = merkle.root([merkle.leaf_hash(entry) for entry in entries])
    return merkle.leaf_hash(page_header(page, dispatch, len(entries), at, entries_root))
