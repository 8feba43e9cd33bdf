"""Stations, speakers, what they should play and what they say they played."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.types import JSON

from dispatcher.ledger.tables.base import Id, Time, metadata, ref, row_id

station = Table(
    "station",
    metadata,
    row_id(),
    ref("agency_id", "agency"),
    Column("area_code", Text, ForeignKey("area.code"), nullable=False),
    Column("name", Text, nullable=False),
    Column("hours", JSON, nullable=False),
    Column("created_at", Time, nullable=False),
)

speaker = Table(
    "speaker",
    metadata,
    row_id(),
    ref("station_id", "station"),
    Column("device", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    ref("locality_id", "locality", nullable=True),
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
    row_id(),
    ref("speaker_id", "speaker"),
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
    row_id(),
    ref("speaker_id", "speaker"),
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
    Index("ix_device_event_received", "speaker_id", "received_at"),
)
