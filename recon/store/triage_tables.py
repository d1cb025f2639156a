"""Table definitions of the triage page's own state: the views people save."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
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
