"""Acts that a migration enters in the log, in the bytes of docs/ledger.md.

It shares nothing with the writer of today: a migration must do the same for ever.
"""

import hashlib
import json
import struct
from collections.abc import Mapping

import sqlalchemy as sa
from alembic import op

_FORM = b"\x03"
_HEADER = struct.Struct(">BQQHQ")

_NEXT_PAGE = {
    "postgresql": "SELECT nextval('page_id_seq')",
    "sqlite": "SELECT coalesce(max(id), 0) + 1 FROM page",
}
_PAGE = (
    "INSERT INTO page (id, body, count, digest, created_at) VALUES (:page, :body, 1, :digest, :at)"
)
_ROW = "INSERT INTO act (page_id, name, subject, actor, at) VALUES (:page, :name, :subject, 0, :at)"


def enter(name: str, subject: str, at: int, facts: Mapping[str, object]) -> None:
    """Write one act of nobody's as a page that waits for the sealer, and its row."""
    bind = op.get_bind()
    said = {"act": name, "actor": 0, "at": at, "facts": facts, "subject": subject}
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    entry = _FORM + text.encode()
    page = bind.execute(sa.text(_NEXT_PAGE[bind.dialect.name])).scalar_one()
    body = struct.pack(">H", len(entry)) + entry
    digest = _leaf(_HEADER.pack(1, page, 0, 1, at) + _leaf(entry))
    values = {"page": page, "at": at, "name": name, "subject": subject}
    bind.execute(sa.text(_PAGE), {**values, "body": body, "digest": digest})
    bind.execute(sa.text("INSERT INTO page_open (page_id) VALUES (:page)"), {"page": page})
    bind.execute(sa.text(_ROW), values)


def _leaf(data: bytes) -> bytes:
    """RFC 9162 §2.1.1."""
    return hashlib.sha256(b"\x00" + data).digest()
