"""Table definitions of the timetable: which checks are due how often, and every slot anyone worked on."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Identity,
    Index,
    Interval,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)

from recon.store.tables import metadata

check_schedule = Table(
    "check_schedule",
    metadata,
    Column("check_name", Text, primary_key=True),
    Column("book", Text, primary_key=True),
    Column("category", Text, nullable=False),
    Column("interval", Interval, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("since_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    CheckConstraint("interval > interval '0'", name="interval"),
)
"""What the sidecar was last told; `since_at` is when it was told so, and slots before that were not missed."""

check_slot = Table(
    "check_slot",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("check_name", Text, nullable=False),
    Column("book", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("slot_at", DateTime(timezone=True), nullable=False),
    Column("missed_count", BigInteger, nullable=False, server_default="0"),  # slots before this one nobody worked on
    Column("missed_since", DateTime(timezone=True)),
    Column("planned_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("status", Text, nullable=False, server_default="waiting"),
    Column("ready_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("attempt", SmallInteger, nullable=False, server_default="0"),  # only grows: it fences older attempts off
    Column("released_count", SmallInteger, nullable=False, server_default="0"),  # attempts given back unharmed
    Column("worker", Text),
    Column("lease_until", DateTime(timezone=True)),
    Column("started_at", DateTime(timezone=True)),
    Column("finished_at", DateTime(timezone=True)),
    Column("error_text", Text),
    UniqueConstraint("check_name", "book", "slot_at"),  # a slot happens once, whoever plans it and however often
    CheckConstraint("status in ('waiting','running','done','failed')", name="status"),
    CheckConstraint("(missed_count > 0) = (missed_since is not null)", name="missed"),
    CheckConstraint("(status in ('done','failed')) = (finished_at is not null)", name="finished"),
    Index("check_slot_unfinished", "ready_at", postgresql_where=text("status in ('waiting','running')")),
)
