"""What auditors look for, where an index can find it: derived from rows that say the same."""

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from dispatcher.ledger.tables.base import Id, metadata

document_symbol = Table(
    "document_symbol",
    metadata,
    Column("key", Text, primary_key=True),
    Column("bulletin_id", Id, ForeignKey("bulletin.id"), primary_key=True, autoincrement=False),
)

dispatch_area = Table(
    "dispatch_area",
    metadata,
    Column("area_code", Text, primary_key=True),
    Column("dispatch_id", Id, ForeignKey("dispatch.id"), primary_key=True, autoincrement=False),
    Index("ix_dispatch_area_dispatch", "dispatch_id"),
)
