"""What is written and who answers for it: bulletins, versions, renditions, approvals."""

from sqlalchemy import (
    BigInteger,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import JSON

from dispatcher.ledger.tables.base import Id, Time, empty, metadata, ref, row_id

kind = Table(
    "kind",
    metadata,
    Column("code", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("rules", JSON, nullable=False),
)

bulletin = Table(
    "bulletin",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
    Column("kind", Text, ForeignKey("kind.code"), nullable=False),
    Column("relation", Text),
    ref("relates_to", "bulletin", nullable=True),
    Column("created_by", Id, ForeignKey("account.id"), nullable=False),
    Column("created_at", Time, nullable=False),
    Index("ix_bulletin_relates_to", "relates_to"),
)

version = Table(
    "version",
    metadata,
    row_id(),
    ref("bulletin_id", "bulletin"),
    Column("number", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_by", Id, ForeignKey("account.id"), nullable=False),
    Column("created_at", Time, nullable=False),
    UniqueConstraint("bulletin_id", "number"),
)

rendition = Table(
    "rendition",
    metadata,
    row_id(),
    ref("version_id", "version"),
    Column("channel", Text, nullable=False),
    Column("lang", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    UniqueConstraint("version_id", "channel", "lang"),
)

media = Table(
    "media",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("recipe", Text, nullable=False, index=True),
    Column("mime", Text, nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("lufs", Float, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
)

approval = Table(
    "approval",
    metadata,
    row_id(),
    ref("version_id", "version"),
    Column("digest", LargeBinary, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("submitted_by", Id, ForeignKey("account.id"), nullable=False),
    Column("submitted_at", Time, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Id, ForeignKey("account.id")),
    Column("decided_at", Time),
    Column("note", Text, nullable=False, server_default=empty()),
    Column("way", Text, nullable=False, server_default="two_people"),
    Column("edited_from", Id),
    Column("shift_id", Id),
    Column("preapproved_id", Id),
    Column("verbal_order", JSON(none_as_null=True)),
    Column("signatory", JSON(none_as_null=True)),
    Column("confirm_by", Time),
    Column("confirmed_by", Id),
    Column("confirmed_at", Time),
    Column("escalated_at", Time),
    Column("symbol", Text, nullable=False, server_default=empty()),
    Column("symbol_by", Id),
    Column("symbol_at", Time),
    Index("ix_approval_version", "version_id"),
    Index("ix_approval_decided_by", "decided_by", "decided_at"),
    Index("ix_approval_decided_at", "decided_at"),
    Index(
        "ix_approval_unconfirmed",
        "confirm_by",
        postgresql_where=text("confirm_by IS NOT NULL AND confirmed_at IS NULL"),
        sqlite_where=text("confirm_by IS NOT NULL AND confirmed_at IS NULL"),
    ),
)

duty_shift = Table(
    "duty_shift",
    metadata,
    row_id(),
    ref("account_id", "account"),
    ref("agency_id", "agency"),
    Column("from_at", Time, nullable=False),
    Column("until_at", Time, nullable=False),
    Column("basis", Text, nullable=False),
    Column("created_by", Id, ForeignKey("account.id"), nullable=False),
    Column("created_at", Time, nullable=False),
    Column("cancelled_by", Id),
    Column("cancelled_at", Time),
    Index("ix_duty_shift_account", "account_id", "until_at"),
)

preapproved = Table(
    "preapproved",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
    Column("name", Text, nullable=False),
    Column("kind", Text, ForeignKey("kind.code"), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("blanks", JSON, nullable=False),
    Column("channels", JSON, nullable=False),
    Column("longest_ms", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("state", Text, nullable=False),
    Column("proposed_by", Id, ForeignKey("account.id"), nullable=False),
    Column("proposed_at", Time, nullable=False),
    Column("decided_by", Id),
    Column("decided_at", Time),
    Column("until_at", Time),
    UniqueConstraint("agency_id", "name"),
)

outside_approval = Table(
    "outside_approval",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
    Column("channel", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("version_id", Id),
    Column("state", Text, nullable=False),
    Column("word", Text, nullable=False, server_default=empty()),
    Column("asked_by", Id, ForeignKey("account.id"), nullable=False),
    Column("asked_at", Time, nullable=False),
    Column("answered_by", Id),
    Column("answered_at", Time),
    Index("ix_outside_approval_version", "version_id"),
)
