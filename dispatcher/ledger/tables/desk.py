"""Small rows that operators and the clock work with."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from dispatcher.ledger.tables.base import Id, Time, metadata, row_id

meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

key_ring = Table(
    "key_ring",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("wrapped", LargeBinary),
    Column("root", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("retired_at", Time),
)

stop = Table(
    "stop",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("why", Text, nullable=False),
    Column("set_by", Id, ForeignKey("account.id")),
    Column("set_at", Time, nullable=False),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", Time, nullable=False),
)

alarm = Table(
    "alarm",
    metadata,
    row_id(),
    Column("dispatch_id", Id),
    Column("code", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("raised_at", Time, nullable=False),
    Column("cleared_at", Time),
    UniqueConstraint("dispatch_id", "code", "subject"),
)
