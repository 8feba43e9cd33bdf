"""Who is spoken to: the one place of addresses, contacts and lists."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import JSON

from dispatcher.ledger.tables.base import Id, Time, empty, metadata, ref, row_id

address = Table(
    "address",
    metadata,
    row_id(),
    Column("kind", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("sealed", LargeBinary),
    Column("masked", Text, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("erased_at", Time),
    UniqueConstraint("kind", "digest"),
)

opt_out = Table(
    "opt_out",
    metadata,
    Column("address_id", Id, ForeignKey("address.id"), primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("how", Text, nullable=False),
    Column("since", Time, nullable=False),
)

suppression = Table(
    "suppression",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("how", Text, nullable=False),
    Column("since", Time, nullable=False),
)

daily_count = Table(
    "daily_count",
    metadata,
    Column("address_id", Id, primary_key=True, autoincrement=False),
    Column("channel", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("count", SmallInteger, nullable=False),
)

contact = Table(
    "contact",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
    Column("name", LargeBinary, nullable=False),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    ref("locality_id", "locality", nullable=True),
    Column("lang", Text, nullable=False),
    ref("phone_id", "address", nullable=True),
    ref("email_id", "address", nullable=True),
    ref("zalo_id", "address", nullable=True),
    Column("responsible", Boolean, nullable=False),
    Column("office", Text, nullable=False, server_default=empty()),
    Column("source", Text, nullable=False),
    Column("external_id", Text),
    Column("checked_at", Time, nullable=False),
    Column("removed_at", Time),
    UniqueConstraint("agency_id", "external_id"),
    Index("ix_contact_place", "area_code", "locality_id", "id"),
)

contact_list = Table(
    "contact_list",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
    Column("name", Text, nullable=False),
    UniqueConstraint("agency_id", "name"),
)

list_member = Table(
    "list_member",
    metadata,
    Column("list_id", Id, ForeignKey("contact_list.id"), primary_key=True),
    Column("contact_id", Id, ForeignKey("contact.id"), primary_key=True),
)

data_request = Table(
    "data_request",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
    Column("what", Text, nullable=False),
    Column("terms", JSON, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("asked_by", Id, ForeignKey("account.id"), nullable=False),
    Column("asked_at", Time, nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Time),
    Column("used_at", Time),
)
