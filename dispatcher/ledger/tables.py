"""The tables, as SQLAlchemy sees them on SQLite and PostgreSQL alike.

Times are epoch milliseconds UTC. Codes of status, reason, evidence and target kind are those of
``domain.status`` and ``domain.model``. Deliveries and attempts are partitioned on PostgreSQL by
``part``: a large dispatch has a leaf of its own, the small ones of a month share one, so that a
country's daily notices do not make ten thousand tables; every key contains it.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    TextClause,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import JSON

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: SQLite gives row ids only to a column typed exactly INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")
Time = BigInteger


def _id() -> Column[int]:
    return Column("id", Id, primary_key=True)


def _ref(name: str, target: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, Id, ForeignKey(f"{target}.id"), nullable=nullable)


def _empty() -> TextClause:
    return text("''")


meta = Table(
    "meta",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", Text, nullable=False),
)

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
    _id(),
    Column("path", Text, nullable=False, unique=True),
    Column("parent_id", Id, ForeignKey("agency.id")),
    Column("name", Text, nullable=False),
    Column("short_name", Text, nullable=False),
    Column("area_code", Text, nullable=False),
    Column("hotline", Text, nullable=False, server_default=_empty()),
    Column("created_at", Time, nullable=False),
)

locality = Table(
    "locality",
    metadata,
    _id(),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("search", Text, nullable=False),
    UniqueConstraint("area_code", "name"),
)

account = Table(
    "account",
    metadata,
    _id(),
    _ref("agency_id", "agency"),
    Column("name", Text, nullable=False),
    Column("office", Text, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("closed_at", Time),
)

api_key = Table(
    "api_key",
    metadata,
    _id(),
    _ref("account_id", "account"),
    Column("prefix", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("mode", Text, nullable=False),
    Column("created_at", Time, nullable=False),
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
    _id(),
    _ref("agency_id", "agency"),
    Column("kind", Text, ForeignKey("kind.code"), nullable=False),
    Column("relation", Text),
    _ref("relates_to", "bulletin", nullable=True),
    Column("created_by", Id, ForeignKey("account.id"), nullable=False),
    Column("created_at", Time, nullable=False),
)

version = Table(
    "version",
    metadata,
    _id(),
    _ref("bulletin_id", "bulletin"),
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
    _id(),
    _ref("version_id", "version"),
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
    _id(),
    _ref("version_id", "version"),
    Column("digest", LargeBinary, nullable=False),
    Column("terms", LargeBinary, nullable=False),
    Column("submitted_by", Id, ForeignKey("account.id"), nullable=False),
    Column("submitted_at", Time, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Id, ForeignKey("account.id")),
    Column("decided_at", Time),
    Column("note", Text, nullable=False, server_default=_empty()),
    Index("ix_approval_version", "version_id"),
)

address = Table(
    "address",
    metadata,
    _id(),
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

contact = Table(
    "contact",
    metadata,
    _id(),
    _ref("agency_id", "agency"),
    Column("name", LargeBinary, nullable=False),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    _ref("locality_id", "locality", nullable=True),
    Column("lang", Text, nullable=False),
    _ref("phone_id", "address", nullable=True),
    _ref("email_id", "address", nullable=True),
    _ref("zalo_id", "address", nullable=True),
    Column("responsible", Boolean, nullable=False),
    Column("office", Text, nullable=False, server_default=_empty()),
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
    _id(),
    _ref("agency_id", "agency"),
    Column("name", Text, nullable=False),
    UniqueConstraint("agency_id", "name"),
)

list_member = Table(
    "list_member",
    metadata,
    Column("list_id", Id, ForeignKey("contact_list.id"), primary_key=True),
    Column("contact_id", Id, ForeignKey("contact.id"), primary_key=True),
)

station = Table(
    "station",
    metadata,
    _id(),
    _ref("agency_id", "agency"),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("hours", JSON, nullable=False),
    Column("created_at", Time, nullable=False),
)

speaker = Table(
    "speaker",
    metadata,
    _id(),
    _ref("station_id", "station"),
    Column("device", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    _ref("locality_id", "locality", nullable=True),
    Column("key", LargeBinary, nullable=False),
    Column("volume", Integer, nullable=False),
    Column("synthetic", Boolean, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("state", JSON, nullable=False),
    Column("seen_at", Time),
    Column("removed_at", Time),
    Index("ix_speaker_station", "station_id"),
)

play_item = Table(
    "play_item",
    metadata,
    _id(),
    _ref("speaker_id", "speaker"),
    Column("ref", Text, nullable=False),
    Column("dispatch_id", Id, nullable=False),
    Column("body", JSON, nullable=False),
    Column("until", Time, nullable=False),
    Column("cancelled_at", Time),
    UniqueConstraint("speaker_id", "ref"),
)

manifest = Table(
    "manifest",
    metadata,
    _id(),
    _ref("speaker_id", "speaker"),
    Column("seq", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("signature", Text, nullable=False),
    Column("created_at", Time, nullable=False),
    UniqueConstraint("speaker_id", "seq"),
)

device_event = Table(
    "device_event",
    metadata,
    Column("speaker_id", Id, ForeignKey("speaker.id"), primary_key=True),
    Column("boot", Text, primary_key=True),
    Column("n", BigInteger, primary_key=True),
    Column("line", LargeBinary, nullable=False),
    Column("received_at", Time, nullable=False),
)

route = Table(
    "route",
    metadata,
    _id(),
    _ref("agency_id", "agency"),
    Column("channel", Text, nullable=False),
    Column("provider", Text, nullable=False),
    Column("name", Text, nullable=False, unique=True),
    Column("mode", Text, nullable=False),
    Column("settings", LargeBinary, nullable=False),
    Column("rate", Float, nullable=False),
    Column("price", Float, nullable=False),
    Column("weight", Integer, nullable=False),
    Column("unaccent", Boolean, nullable=False),
    Column("stopped_at", Time),
    Column("stopped_why", Text, nullable=False, server_default=_empty()),
)

route_token = Table(
    "route_token",
    metadata,
    Column("route_id", Id, ForeignKey("route.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

route_health = Table(
    "route_health",
    metadata,
    Column("route_id", Id, ForeignKey("route.id"), primary_key=True),
    Column("next_slot_us", BigInteger, nullable=False),
    Column("open_until", Time, nullable=False),
    Column("faults", Integer, nullable=False),
    Column("why", Text, nullable=False, server_default=_empty()),
)

dispatch = Table(
    "dispatch",
    metadata,
    _id(),
    Column("part", Integer, nullable=False),
    _ref("agency_id", "agency"),
    _ref("version_id", "version"),
    _ref("approval_id", "approval"),
    Column("mode", Text, nullable=False),
    Column("drill", Boolean, nullable=False),
    Column("level", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("state_why", Text, nullable=False, server_default=_empty()),
    Column("plan", JSON, nullable=False),
    Column("start_at", Time, nullable=False),
    Column("valid_until", Time, nullable=False),
    Column("max_contact_id", BigInteger, nullable=False),
    Column("created_by", Id, ForeignKey("account.id"), nullable=False),
    Column("created_at", Time, nullable=False),
    Column("finished_at", Time),
    UniqueConstraint("approval_id"),
    Index(
        "ix_dispatch_open",
        "start_at",
        postgresql_where=text("finished_at IS NULL"),
        sqlite_where=text("finished_at IS NULL"),
    ),
)

expansion = Table(
    "expansion",
    metadata,
    Column("dispatch_id", Id, ForeignKey("dispatch.id"), primary_key=True),
    Column("stage", SmallInteger, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("next_delivery", BigInteger, nullable=False),
    Column("next_batch", BigInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("lease_until", Time, nullable=False),
    Column("done_at", Time),
)

batch = Table(
    "batch",
    metadata,
    Column("dispatch_id", Id, ForeignKey("dispatch.id"), primary_key=True),
    Column("id", BigInteger, primary_key=True),
    Column("agency_id", Id, nullable=False),
    Column("lane", SmallInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("step", SmallInteger, nullable=False),
    Column("lo", BigInteger, nullable=False),
    Column("hi", BigInteger, nullable=False),
    Column("ids", JSON(none_as_null=True)),
    Column("count", Integer, nullable=False),
    Column("due_at", Time, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("holder", Text, nullable=False, server_default=_empty()),
    Column("lease_until", Time, nullable=False),
    Column("watermark", BigInteger, nullable=False),
    Column("route_id", Id),
    Column("crashes", SmallInteger, nullable=False),
    Index(
        "ix_batch_open",
        "lane",
        "channel",
        "due_at",
        postgresql_where=text("state < 2"),
        sqlite_where=text("state < 2"),
    ),
)

delivery = Table(
    "delivery",
    metadata,
    Column("part", Integer, primary_key=True),
    Column("dispatch_id", Id, primary_key=True),
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("step", SmallInteger, nullable=False),
    Column("channel", Text, nullable=False),
    Column("target_kind", SmallInteger, nullable=False),
    Column("target_id", BigInteger, nullable=False),
    Column("contact_id", BigInteger),
    Column("lang", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("reason", SmallInteger, nullable=False),
    Column("evidence", SmallInteger, nullable=False),
    Column("attempt", SmallInteger, nullable=False),
    Column("n", SmallInteger, nullable=False),
    Column("page_id", BigInteger, nullable=False),
    Column("route_id", Integer),
    Column("parts", SmallInteger, nullable=False),
    Column("word_at", Time, nullable=False),
    Column("updated_at", Time, nullable=False),
    Column("provider_ref", Text),
    Column("next_attempt_at", Time),
    UniqueConstraint("part", "dispatch_id", "step", "channel", "target_kind", "target_id"),
    Index(
        "ix_delivery_retry",
        "next_attempt_at",
        postgresql_where=text("next_attempt_at IS NOT NULL"),
        sqlite_where=text("next_attempt_at IS NOT NULL"),
    ),
    postgresql_partition_by="LIST (part)",
)

attempt = Table(
    "attempt",
    metadata,
    Column("part", Integer, primary_key=True),
    Column("dispatch_id", Id, primary_key=True),
    Column("delivery_id", BigInteger, primary_key=True, autoincrement=False),
    Column("attempt", SmallInteger, primary_key=True, autoincrement=False),
    Column("route_id", Integer),
    Column("provider_ref", Text),
    Column("status", SmallInteger, nullable=False),
    Column("reason", SmallInteger, nullable=False),
    Column("evidence", SmallInteger, nullable=False),
    Column("parts", SmallInteger, nullable=False),
    Column("ended_at", Time, nullable=False),
    postgresql_partition_by="LIST (part)",
)

carrier_order = Table(
    "carrier_order",
    metadata,
    _id(),
    Column("dispatch_id", Id, ForeignKey("dispatch.id"), nullable=False),
    _ref("route_id", "route"),
    Column("number", Text, nullable=False, unique=True),
    Column("medium", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("terms", JSON, nullable=False),
    UniqueConstraint("dispatch_id", "route_id"),
)

receipt = Table(
    "receipt",
    metadata,
    _id(),
    _ref("route_id", "route", nullable=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("dispatch_id", Id),
    Column("delivery_id", BigInteger),
    Column("attempt", SmallInteger),
    Column("provider_ref", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("reason", SmallInteger, nullable=False),
    Column("evidence", SmallInteger, nullable=False),
    Column("code", Text, nullable=False),
    Column("at", Time, nullable=False),
    Column("received_at", Time, nullable=False),
    Column("sealed", LargeBinary),
    Column("state", SmallInteger, nullable=False),
    Index(
        "ix_receipt_inbox",
        "dispatch_id",
        "id",
        postgresql_where=text("state = 0"),
        sqlite_where=text("state = 0"),
    ),
)

tally_delta = Table(
    "tally_delta",
    metadata,
    _id(),
    Column("dispatch_id", Id, nullable=False),
    Column("channel", Text, nullable=False),
    Column("status", SmallInteger, nullable=False),
    Column("reason", SmallInteger, nullable=False),
    Column("count", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Index("ix_tally_delta_dispatch", "dispatch_id"),
)

tally = Table(
    "tally",
    metadata,
    Column("dispatch_id", Id, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("status", SmallInteger, primary_key=True),
    Column("reason", SmallInteger, primary_key=True),
    Column("count", BigInteger, nullable=False),
    Column("parts", BigInteger, nullable=False),
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
    _id(),
    Column("dispatch_id", Id),
    Column("code", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("raised_at", Time, nullable=False),
    Column("cleared_at", Time),
    UniqueConstraint("dispatch_id", "code", "subject"),
)

page = Table(
    "page",
    metadata,
    _id(),
    Column("dispatch_id", Id),
    Column("body", LargeBinary, nullable=False),
    Column("count", SmallInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("created_at", Time, nullable=False),
    Index("ix_page_dispatch", "dispatch_id", "id"),
)

page_open = Table(
    "page_open",
    metadata,
    Column("page_id", Id, primary_key=True, autoincrement=False),
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

seal = Table(
    "seal",
    metadata,
    Column("dispatch_id", Id, ForeignKey("dispatch.id"), primary_key=True),
    Column("number", SmallInteger, primary_key=True),
    Column("page_id", BigInteger, nullable=False),
    Column("counts", JSON, nullable=False),
    Column("created_at", Time, nullable=False),
)

#: Rows that explain the past: the database itself refuses UPDATE, DELETE and REPLACE on them.
APPEND_ONLY = (page, leaf, tile, checkpoint, seal, version, rendition)
