"""Table definitions of the checks: each run of a check, what it found, and each variance from first seen to fixed.

A finished check run and its rows in `check_variance` never change. `variance` follows one subject through the runs and
carries what people say about it; a subject that was fixed and comes back is a new row.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Numeric,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.store.tables import metadata

FIGURE = Numeric(38, 10)
"""Minor units, counts, and quantities of shares."""

check_run = Table(
    "check_run",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("check_name", Text, nullable=False),
    Column("book", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("slot", DateTime(timezone=True)),  # the due time it was started for; None: a person asked
    Column("requested_by", Text, nullable=False),
    Column("attempt", SmallInteger, nullable=False, server_default=text("1")),
    Column("started_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column(
        "lease_until", DateTime(timezone=True), nullable=False
    ),  # after that, a run that has not finished may be taken over
    Column("finished_at", DateTime(timezone=True)),
    Column("status", Text),  # ok, warn, fail, error; None while at work
    Column("status_before", Text),  # of the finished run before it; with `status`, what an alert is about
    Column("summary", Text),
    Column("metrics", JSONB),
    Column("variance_count", Integer),
    Column("variance_totals", JSONB),  # unit -> sum of |unexplained|, as text
    Column("duration_ms", BigInteger),
    UniqueConstraint("check_name", "book", "slot"),
    CheckConstraint("book in ('uae','india','all')", name="book"),
    CheckConstraint("category in ('A','B','C','D')", name="category"),
    CheckConstraint("status in ('ok','warn','fail','error')", name="status"),
    CheckConstraint("(status is null) = (finished_at is null)", name="finished"),
    Index(None, "check_name", "book", "id"),
    Index("check_run_at_work", "check_name", "book", postgresql_where=text("finished_at is null")),
    Index(None, "finished_at"),
)

check_variance = Table(
    "check_variance",
    metadata,
    Column("run_id", ForeignKey("check_run.id"), primary_key=True),
    Column("subject_key", Text, primary_key=True),
    Column("subject", JSONB, nullable=False),
    Column("expected", FIGURE, nullable=False),
    Column("actual", FIGURE, nullable=False),
    Column("difference", FIGURE, nullable=False),
    Column("explained", FIGURE, nullable=False),
    Column("unexplained", FIGURE, nullable=False),
    Column("unit", Text, nullable=False),
    Column("note", Text),
    CheckConstraint("difference = actual - expected", name="difference"),
    CheckConstraint("unexplained = difference - explained", name="unexplained"),
)

variance = Table(
    "variance",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("check_name", Text, nullable=False),
    Column("book", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("subject_key", Text, nullable=False),
    Column("subject", JSONB, nullable=False),
    Column("expected", FIGURE, nullable=False),
    Column("actual", FIGURE, nullable=False),
    Column("difference", FIGURE, nullable=False),
    Column("explained", FIGURE, nullable=False),
    Column("unexplained", FIGURE, nullable=False),
    Column("unit", Text, nullable=False),
    Column("note", Text),
    Column("first_run_id", ForeignKey("check_run.id"), nullable=False),
    Column("first_seen_at", DateTime(timezone=True), nullable=False),
    Column("last_run_id", ForeignKey("check_run.id"), nullable=False),
    Column("last_seen_at", DateTime(timezone=True), nullable=False),
    Column("fixed_run_id", ForeignKey("check_run.id")),
    Column("fixed_at", DateTime(timezone=True)),
    Column("class", Text),  # data_issue, code_issue, timing
    Column("version", Integer, nullable=False, server_default=text("1")),
    CheckConstraint("class in ('data_issue','code_issue','timing')", name="class"),
    CheckConstraint("(fixed_run_id is null) = (fixed_at is null)", name="fixed"),
    Index(
        "variance_open", "check_name", "book", "subject_key", unique=True, postgresql_where=text("fixed_run_id is null")
    ),
    Index("variance_fixed", "fixed_run_id", postgresql_where=text("fixed_run_id is not null")),
)

variance_event = Table(
    "variance_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("variance_id", ForeignKey("variance.id"), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("actor", Text, nullable=False),
    Column("class", Text),  # as it was set; None: only a comment
    Column("comment", Text),
    Column("action_key", Text, nullable=False),  # made when the form is drawn: a double click is one event
    UniqueConstraint("variance_id", "action_key"),
)

audit_seal = Table(
    "audit_seal",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("log", Text, nullable=False),  # the sealed table
    Column("first_id", BigInteger, nullable=False),
    Column("last_id", BigInteger, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("columns", JSONB, nullable=False),  # what of each row went into the digest, in order
    Column("digest", Text, nullable=False),  # sha256 over the seal before, this seal's figures and its rows
    Column("previous_digest", Text, nullable=False),
    Column("sealed_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    UniqueConstraint("log", "first_id"),
    UniqueConstraint("log", "previous_digest"),  # a seal has one successor
)
