"""The bytes of pages and entries, read as ``docs/ledger.md`` describes them."""

import hashlib
import json
import struct
from typing import Any, NamedTuple

from dispatcher.ledger.verifying import tree

BIRTH, CHANGE, ACT = 1, 2, 3

#: By the number in a birth entry.
CHANNELS = {1: "sms", 2: "email", 3: "zalo", 4: "ringback", 5: "loudspeaker", 6: "webhook"}

#: By the number in an entry's status.
STATUSES = (
    "pending",
    "sending",
    "accepted",
    "unknown",
    "cancelled",
    "expired",
    "failed",
    "delivered",
    "seen",
    "suppressed",
)

NO_COMMITMENT = bytes(16)

#: Identifiers are read as signed numbers: a target without an address has a negative one.
_BIRTH = struct.Struct(">BqqBBBqqBHq16s")
_CHANGE = struct.Struct(">BqqHHBBHBIHIqqq16s")
_KEY = struct.Struct(">qq")
_HEADER = struct.Struct(">BQQHQ")
_SIZES = {BIRTH: _BIRTH.size, CHANGE: _CHANGE.size}
_ACT_KEYS = {"act", "subject", "actor", "at", "facts"}


#: Numbers of rows are 64 bits with a sign; JSON's are endless.
_MOST = 2**63


class Birth(NamedTuple):
    form: int
    dispatch: int
    delivery: int
    step: int
    channel: int
    target_kind: int
    target_id: int
    contact_id: int
    status: int
    reason: int
    at: int
    address: bytes


class Change(NamedTuple):
    form: int
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
    provider_ref: bytes


class Act(NamedTuple):
    """``facts`` is JSON text again, to be kept on disk."""

    name: str
    subject: str
    actor: int
    at: int
    facts: str


def commitment(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()[:16]


def split(body: bytes) -> list[bytes]:
    """The entries of a page's body. Raises ValueError when the lengths do not come out even."""
    found = []
    at, end = 0, len(body)
    while at < end:
        start = at + 2
        at = start + int.from_bytes(body[at:start], "big")
        if at > end or start > end:
            raise ValueError("the body ends inside an entry")
        found.append(body[start:at])
    return found


def page_leaf(page: int, dispatch: int, at: int, entries: list[bytes]) -> bytes:
    """The leaf hash that a page must have, from its row and the entries in its body."""
    root = tree.root([tree.leaf(entry) for entry in entries])
    try:
        header = _HEADER.pack(1, page, dispatch, len(entries), at)
    except struct.error as error:
        raise ValueError("its number, dispatch, count or time is out of range") from error
    return tree.leaf(header + root)


def status_word(status: int) -> str:
    """A status as people know it; of an unknown one, the number."""
    return STATUSES[status] if 0 <= status < len(STATUSES) else str(status)


def shown(column: str, value: object) -> object:
    """A value as people know it: a status by its word, a commitment in hexadecimal."""
    if column == "status" and isinstance(value, int):
        return status_word(value)
    return value.hex() if isinstance(value, bytes) else value


def well_formed(entry: bytes) -> bool:
    """Whether an entry has a known form and its length."""
    if entry[:1] == b"\x03":
        return True
    return bool(entry) and _SIZES.get(entry[0]) == len(entry)


def whose(entry: bytes) -> tuple[int, int]:
    """Dispatch and delivery of a birth or a change."""
    dispatch, delivery = _KEY.unpack_from(entry, 1)
    return dispatch, delivery


def birth(entry: bytes) -> Birth:
    return Birth._make(_BIRTH.unpack(entry))


def change(entry: bytes) -> Change:
    return Change._make(_CHANGE.unpack(entry))


def act(entry: bytes) -> Act:
    """An act. Raises ValueError when it is not canonical JSON of the five keys."""
    body = json.loads(entry[1:].decode())
    if not isinstance(body, dict) or set(body) != _ACT_KEYS or canonical(body) != entry[1:]:
        raise ValueError("not the canonical JSON of an act")
    facts = canonical(body["facts"]).decode()
    name, subject, actor, at = (body[key] for key in ("act", "subject", "actor", "at"))
    types = [type(value) for value in (name, subject, actor, at, body["facts"])]
    if types != [str, str, int, int, dict] or max(abs(actor), abs(at)) >= _MOST:
        raise ValueError("not the types of an act")
    return Act(name, subject, actor, at, facts)


def canonical(value: Any) -> bytes:
    """Sorted keys, UTF-8, no spaces: the only spelling of a JSON value in the log."""
    options: dict[str, Any] = {"sort_keys": True, "separators": (",", ":"), "allow_nan": False}
    return json.dumps(value, ensure_ascii=False, **options).encode()
