"""Table definitions of a feed's files: which uploads came for it, how each was read, and what was said about it.

A file that turned out not to belong here is set aside, never deleted.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.store.tables import metadata

feed_file = Table(
    "feed_file",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("feed_id", ForeignKey("feed.id"), nullable=False),
    Column("upload_id", ForeignKey("upload.id"), nullable=False, index=True),
    Column("reading_id", ForeignKey("reading.id"), nullable=False),  # the newest: a new answer reads it anew
    Column("came_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("came_by", Text, nullable=False),
    Column("totals", JSONB, nullable=False),  # recon.workflows.totals.CurrencyTotal of the reading, by currency
    Column("shared", JSONB),  # rows that other files of the feed had before it; none: not compared yet
    Column("accepted", JSONB, nullable=False, server_default=text("'[]'::jsonb")),  # controls a person let pass
    Column("set_aside_at", DateTime(timezone=True)),
    Column("set_aside_by", Text),
    UniqueConstraint("feed_id", "upload_id"),
    CheckConstraint("(set_aside_at is null) = (set_aside_by is null)", name="set_aside"),
)
"""Once for each feed and upload."""
