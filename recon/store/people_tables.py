"""Table definitions of who works here, what needs a second person, and what waits for one."""

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
    Integer,
    Table,
    Text,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.store.tables import metadata

person = Table(
    "person",
    metadata,
    Column("name", Text, primary_key=True),  # the actor's name in every log
    Column("role", Text, nullable=False),
    Column("is_active", Boolean, nullable=False, server_default=text("true")),
    Column("limits", JSONB, nullable=False, server_default=text("'{}'::jsonb")),  # currency -> minor units
    Column("version", Integer, nullable=False, server_default="1"),
    CheckConstraint("role in ('viewer','operator','approver','admin','auditor')", name="role"),
    CheckConstraint("length(name) between 1 and 80", name="name"),
    Index("person_once", text("lower(name)"), unique=True),  # nobody is two people by a capital letter
)

approval_policy = Table(
    "approval_policy",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("reconciliation_id", ForeignKey("reconciliation.id")),  # null: every reconciliation
    Column("action", Text, nullable=False),  # recon.model.people.Deed by name
    Column("currency", Text),  # null: always, whatever the amount
    Column("above", BigInteger),  # minor units
    CheckConstraint("above >= 0", name="above"),
    CheckConstraint("(currency is null) = (above is null)", name="amount"),
    Index(
        "approval_policy_once",
        text("coalesce(reconciliation_id, 0)"),
        "action",
        text("coalesce(currency, '')"),
        unique=True,
    ),
)

proposal = Table(
    "proposal",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("amounts", JSONB, nullable=False),
    Column("reason", Text, nullable=False),
    Column("digest", Text, nullable=False),  # of all of the above: what an approver was shown
    Column("proposed_by", Text, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("action_key", Text, nullable=False, unique=True),  # made when the form is drawn: sent twice, asked once
    Column("state", Text, nullable=False, server_default="open"),
    Column("decided_by", Text),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_reason", Text),
    Column("is_emergency", Boolean, nullable=False, server_default=text("false")),
    CheckConstraint("state in ('open','approved','rejected','withdrawn','void')", name="state"),
    CheckConstraint("(state = 'open') = (decided_by is null)", name="decided"),
    CheckConstraint("state not in ('approved','rejected') or decided_by <> proposed_by", name="second_person"),
    CheckConstraint("not is_emergency or (state <> 'open' and decided_reason is not null)", name="emergency"),
    CheckConstraint("length(digest) = 64", name="digest"),
    Index("proposal_open", "expires_at", postgresql_where=text("state = 'open'")),
)
"""Four eyes are a matter of the table: nobody decides on what they proposed, whoever writes the row.

A trigger keeps what was shown as it was shown, lets a proposal be decided once and in time, and lets none be deleted.
"""
