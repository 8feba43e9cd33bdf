"""The log: pages, the tree over them, checkpoints, seals, and what is kept outside."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.types import JSON

from dispatcher.ledger.tables.base import Id, Time, metadata, row_id

page = Table(
    "page",
    metadata,
    row_id(),
    Column("dispatch_id", Id),
    Column("body", LargeBinary, nullable=False),
    Column("count", SmallInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("ix_page_dispatch", "dispatch_id", "id"),
    postgresql_partition_by="RANGE (id)",
)

page_open = Table(
    "page_open",
    metadata,
    Column("page_id", Id, primary_key=True, autoincrement=False),
)

act = Table(
    "act",
    metadata,
    Column("page_id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("actor", Id, nullable=False),
    Column("at", Time, nullable=False),
    Column("agency_id", Id),
    Column("dispatch_id", Id),
    Index("ix_act_name", "name", "at"),
    Index("ix_act_subject", "subject"),
    Index("ix_act_actor", "actor", "at"),
)

leaf = Table(
    "leaf",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("page_id", Id, nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False),
)

tile = Table(
    "tile",
    metadata,
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("hashes", LargeBinary, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("root", LargeBinary, nullable=False),
    Column("note", Text, nullable=False),
    Column("created_at", Time, nullable=False),
)

anchor = Table(
    "anchor",
    metadata,
    row_id(),
    Column("kind", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Time, nullable=False),
)

generation = Table(
    "generation",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("origin", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("former", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("began_by", Id),
    Column("began_at", Time, nullable=False),
)

retirement = Table(
    "retirement",
    metadata,
    row_id(),
    Column("first_page", BigInteger, nullable=False),
    Column("last_page", BigInteger, nullable=False),
    Column("bundle", LargeBinary, nullable=False),
    Column("entries", BigInteger, nullable=False),
    Column("by", Id, nullable=False),
    Column("at", Time, nullable=False),
)

seal = Table(
    "seal",
    metadata,
    Column("dispatch_id", Id, ForeignKey("dispatch.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("page_id", BigInteger, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("created_at", Time, nullable=False),
)
