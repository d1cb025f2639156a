"""Table definitions of what belongs to a reconciliation beside its rules: who owns it, and when it ran by itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, DateTime, ForeignKey, Index, Table, Text, func, text

from recon.store.tables import metadata

reconciliation_owner = Table(
    "reconciliation_owner",
    metadata,
    Column("reconciliation_id", ForeignKey("reconciliation.id"), primary_key=True),
    Column("name", Text, primary_key=True),  # a person's, as everywhere
    CheckConstraint("length(name) between 1 and 80", name="name"),
    Index(None, "name"),
)

scheduled_run = Table(
    "scheduled_run",
    metadata,
    Column("reconciliation_id", ForeignKey("reconciliation.id"), primary_key=True),
    Column("source_file_id", BigInteger, primary_key=True, autoincrement=False),  # of feed_file; 0: fetched for the run
    Column("reference_file_id", BigInteger, primary_key=True, autoincrement=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("run_id", ForeignKey("run.id")),
    Column("error_text", Text),  # why there is no run, or how it failed
    Column("told_at", DateTime(timezone=True)),  # when an alert was raised about it
    CheckConstraint("run_id is not null or error_text is not null", name="outcome"),
    Index("scheduled_run_untold", "run_id", postgresql_where=text("told_at is null")),
)
"""A pair of files happens once, whoever sees it first and however often."""
