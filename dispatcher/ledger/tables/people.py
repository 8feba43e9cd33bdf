"""Who exists: agencies and areas, accounts, what they may do and how they sign in."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import JSON

from dispatcher.ledger.tables.base import Id, Time, empty, metadata, ref, row_id

area = Table(
    "area",
    metadata,
    Column("code", Text, primary_key=True),
    Column("level", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("full_name", Text, nullable=False),
    Column("parent_code", Text, nullable=False),
    Column("search", Text, nullable=False, index=True),
    Column("latitude", Float, nullable=False),
    Column("longitude", Float, nullable=False),
)

agency = Table(
    "agency",
    metadata,
    row_id(),
    Column("path", Text, nullable=False, unique=True),
    Column("parent_id", Id, ForeignKey("agency.id")),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("hotline", Text, nullable=False, server_default=empty()),
    Column("created_at", Time, nullable=False),
)

locality = Table(
    "locality",
    metadata,
    row_id(),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("search", Text, nullable=False),
    UniqueConstraint("area_code", "name"),
)

account = Table(
    "account",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
    Column("name", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("closed_at", Time),
)

role_grant = Table(
    "role_grant",
    metadata,
    row_id(),
    ref("account_id", "account"),
    ref("agency_id", "agency"),
    Column("role", Text, nullable=False),
    Column("from_at", Time, nullable=False),
    Column("until_at", Time),
    Column("basis", Text, nullable=False, server_default=empty()),
    Column("delegated_by", Id),
    Column("granted_by", Id),
    Column("granted_at", Time, nullable=False),
    Column("revoked_by", Id),
    Column("revoked_at", Time),
    Index("ix_role_grant_account", "account_id"),
)

credential = Table(
    "credential",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True),
    Column("login", Text, nullable=False, unique=True),
    Column("password", Text, nullable=False),
    Column("totp", LargeBinary),
    Column("totp_step", BigInteger, nullable=False),
    Column("recovery", JSON, nullable=False),
    Column("changed_at", Time, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    ref("account_id", "account"),
    ref("agency_id", "agency"),
    Column("mode", Text, nullable=False),
    Column("csrf", Text, nullable=False),
    Column("strong", Boolean, nullable=False),
    Column("device", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("seen_at", Time, nullable=False),
    Column("until", Time, nullable=False),
    Column("ended_at", Time),
    Index("ix_session_account", "account_id"),
)

throttle = Table(
    "throttle",
    metadata,
    Column("key", LargeBinary, primary_key=True),
    Column("since", Time, nullable=False),
    Column("count", Integer, nullable=False),
)

api_key = Table(
    "api_key",
    metadata,
    row_id(),
    ref("account_id", "account"),
    Column("prefix", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("mode", Text, nullable=False),
    Column("agency_id", Id),
    Column("roles", JSON(none_as_null=True)),
    Column("created_at", Time, nullable=False),
    Column("until_at", Time),
    Column("revoked_at", Time),
)

idempotency = Table(
    "idempotency",
    metadata,
    Column("account_id", Id, ForeignKey("account.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("response", JSON),
    Column("created_at", Time, nullable=False),
)
