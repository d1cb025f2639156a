"""Table definition of what people waved away of the changes that were proposed to a reconciliation's rules."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Integer, Table, Text, func

from recon.store.tables import metadata

dismissed_lesson = Table(
    "dismissed_lesson",
    metadata,
    Column("reconciliation_id", ForeignKey("reconciliation.id"), primary_key=True),
    Column("lesson_key", Text, primary_key=True),  # the change and its extent: a change that goes further is another
    Column("pair_count", Integer, nullable=False),  # how many spoke for it then: twice as many, and it is shown again
    Column("dismissed_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("dismissed_by", Text, nullable=False),
)
