"""Connections to providers: credentials, health, prices, orders to carriers."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import JSON

from dispatcher.ledger.tables.base import Id, Time, empty, metadata, ref, row_id

route = Table(
    "route",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
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
    Column("stopped_why", Text, nullable=False, server_default=empty()),
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
    Column("why", Text, nullable=False, server_default=empty()),
)

route_price = Table(
    "route_price",
    metadata,
    ref("route_id", "route", primary_key=True),
    Column("since", Time, primary_key=True),
    Column("price", Float, nullable=False),
    Column("recorded_by", Id),
)

carrier_order = Table(
    "carrier_order",
    metadata,
    row_id(),
    Column("dispatch_id", Id, ForeignKey("dispatch.id"), nullable=False),
    ref("route_id", "route"),
    Column("number", Text, nullable=False, unique=True),
    Column("medium", Text, nullable=False),
    Column("carrier", Text, nullable=False),
    Column("terms", JSON, nullable=False),
    UniqueConstraint("dispatch_id", "route_id"),
)
