"""Table definitions of the triage page's own state: the views people save, and what goes on in a later run."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.store.tables import metadata

saved_view = Table(
    "saved_view",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("owner", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_shared", Boolean, nullable=False),
    Column("query", JSONB, nullable=False),  # the URL's own parameters: filters and sort
    Column("saved_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    UniqueConstraint("owner", "name"),
    CheckConstraint("length(name) between 1 and 40", name="name"),
)

carried_discrepancy = Table(
    "carried_discrepancy",
    metadata,
    Column("discrepancy_id", ForeignKey("discrepancy.id"), primary_key=True),
    Column("continues_id", ForeignKey("discrepancy.id"), nullable=False),  # the same one, in the run before
    Index(None, "continues_id"),
)

default_view = Table(
    "default_view",
    metadata,
    Column("actor", Text, primary_key=True),
    Column("view_id", ForeignKey("saved_view.id", ondelete="CASCADE"), nullable=False),
    Index(None, "view_id"),
)
