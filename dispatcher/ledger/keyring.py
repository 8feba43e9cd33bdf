"""The keys an installation works with, wrapped by a root key that is never in the database.

Row 0 is the base, from which the keys that sign and the hashes that find are derived; the other
rows are data keys by number. The root key can be exchanged without touching anything but these
rows, and a data key without touching the root.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from dispatcher.domain.errors import Misconfigured
from dispatcher.ledger.tables import agency, key_ring
from dispatcher.ledger.vault import Ring, derive

BASE, FIRST = 0, 1
_NONCE = 12
#: A name for a root key that says nothing about it.
_NAME = 8


@dataclass(frozen=True, slots=True)
class Roots:
    """The root key, and the one before it while it is being exchanged. 32 bytes each."""

    present: bytes = field(repr=False)
    former: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if any(len(each) != 32 for each in self.known()):
            raise ValueError("a root key has 32 bytes")

    def known(self) -> tuple[bytes, ...]:
        return (self.present,) if self.former is None else (self.present, self.former)


def begin(
    conn: Connection, roots: Roots, now: int, random: Callable[[int], bytes] = os.urandom
) -> None:
    """Give a database its ring, once.

    One that is in use from before there were rings keeps what was derived from its root key.
    """
    if conn.scalar(select(func.count()).select_from(key_ring)):
        return
    in_use = conn.scalar(select(agency.c.id).limit(1)) is not None
    base = roots.known()[-1] if in_use else random(32)
    first = derive(derive(base, "vault"), "seal") if in_use else random(32)
    for number, key in ((BASE, base), (FIRST, first)):
        _add(conn, roots, number, key, now, random)


def load(engine: Engine, roots: Roots) -> Ring:
    """Read and unwrap the ring. Raises Misconfigured without a ring or with the wrong root key."""
    with engine.connect().execution_options(loa_read=True) as conn:
        rows = _rows(conn)
    if not rows:
        raise Misconfigured(
            "no_keys",
            "Cơ sở dữ liệu chưa có bộ khóa. Chạy lệnh: loa migrate",
            "The database has no keys yet. Run: loa migrate",
        )
    keys = {row.number: _unwrap(roots, row) for row in rows}
    base = keys.pop(BASE)
    return Ring(base, keys, max(keys))


def add(
    conn: Connection, roots: Roots, now: int, random: Callable[[int], bytes] = os.urandom
) -> int:
    """A new data key, with which everything is sealed from now on; return its number."""
    number = (conn.scalar(select(func.max(key_ring.c.number))) or BASE) + 1
    _add(conn, roots, number, random(32), now, random)
    return number


def retire(conn: Connection, before: int, now: int) -> list[int]:
    """Destroy the data keys before that number; return which."""
    old = update(key_ring).where(
        key_ring.c.number.between(FIRST, before - 1), key_ring.c.retired_at.is_(None)
    )
    gone = old.values(wrapped=None, retired_at=now).returning(key_ring.c.number)
    return sorted(conn.scalars(gone))


def rewrap(conn: Connection, roots: Roots, random: Callable[[int], bytes] = os.urandom) -> int:
    """Wrap every key with the present root key; return how many were wrapped by the former."""
    name = _name(roots.present)
    old = [row for row in _rows(conn) if bytes(row.root) != name]
    for row in old:
        wrapped = _wrap(roots.present, row.number, _unwrap(roots, row), random)
        conn.execute(
            update(key_ring)
            .where(key_ring.c.number == row.number)
            .values(wrapped=wrapped, root=name)
        )
    return len(old)


def _rows(conn: Connection) -> Sequence[Row[Any]]:
    query = select(key_ring).where(key_ring.c.retired_at.is_(None)).order_by(key_ring.c.number)
    return conn.execute(query).all()


def _add(
    conn: Connection,
    roots: Roots,
    number: int,
    key: bytes,
    now: int,
    random: Callable[[int], bytes],
) -> None:
    row = {"number": number, "wrapped": _wrap(roots.present, number, key, random)}
    conn.execute(insert(key_ring).values(**row, root=_name(roots.present), created_at=now))


def _wrap(root: bytes, number: int, key: bytes, random: Callable[[int], bytes]) -> bytes:
    nonce = random(_NONCE)
    return nonce + AESGCM(derive(root, "wrap")).encrypt(nonce, key, _place(number))


def _unwrap(roots: Roots, row: Row[Any]) -> bytes:
    for root in roots.known():
        if _name(root) == bytes(row.root):
            wrapped = bytes(row.wrapped)
            cipher = AESGCM(derive(root, "wrap"))
            return cipher.decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _place(row.number))
    raise Misconfigured(
        "wrong_root_key",
        "LOA_ROOT_KEY không phải khóa gốc của cơ sở dữ liệu này. Nếu đang đổi khóa, đặt khóa cũ "
        "vào LOA_ROOT_KEY_OLD.",
        "LOA_ROOT_KEY is not the root key of this database. While exchanging it, put the old key "
        "into LOA_ROOT_KEY_OLD.",
        field="LOA_ROOT_KEY",
    )


def _place(number: int) -> bytes:
    return b"key_ring|wrapped|%d" % number


def _name(root: bytes) -> bytes:
    return derive(root, "name")[:_NAME]
