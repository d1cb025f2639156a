"""Table definitions of what was written off or adjusted, the journal entries behind it, and where they are posted.

A write-off stands until it is taken back; its row is never deleted. Every amount that stands as posted is in exactly
one entry, and an entry may have those of many rows.
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
    Table,
    Text,
    Uuid,
    func,
    text,
)

from recon.store import ledger_tables, workbench_tables  # noqa: F401 - the tables these refer to
from recon.store.tables import metadata

write_off = Table(
    "write_off",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("reconciliation_id", ForeignKey("reconciliation.id"), nullable=False),
    Column("run_id", ForeignKey("run.id"), nullable=False),  # the run it was decided in
    Column("discrepancy_id", ForeignKey("discrepancy.id")),  # resolved in triage
    Column("decision_id", ForeignKey("decision.id")),  # or settled on the workbench
    Column("follows_id", ForeignKey("write_off.id")),  # of the same rows, decided in another run: nothing of its own
    Column("resolution", Text, nullable=False),
    Column("booking", Text, nullable=False),  # recon.model.correction.Booking
    Column("kind", Text),  # of the discrepancy
    Column("source_row", Text),  # key of the reading it was first seen in, and the line there; none of what follows
    Column("reference_row", Text),
    Column("currency", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),  # source less reference, minor units; above 0 is a loss
    Column("dated_on", Date, nullable=False),  # of its rows
    Column("action_key", Text, nullable=False, index=True),  # of the command, which may be about many
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("reason", Text, nullable=False),
    Column("entry_id", ForeignKey("journal_entry.id"), index=True),  # none: no accounts were named, or it is elsewhere
    Column("taken_back_at", DateTime(timezone=True)),
    Column("taken_back_by", Text),
    Column("reversal_id", ForeignKey("journal_entry.id"), index=True),
    CheckConstraint("num_nonnulls(discrepancy_id, decision_id) = 1", name="of_one"),
    CheckConstraint("resolution in ('written_off','adjusted')", name="resolution"),
    CheckConstraint("booking in ('posted','named','elsewhere','follows')", name="booking"),
    CheckConstraint("booking <> 'named' or entry_id is not null", name="named"),
    CheckConstraint("booking in ('posted','named') or entry_id is null", name="unposted"),
    CheckConstraint("(booking = 'follows') = (follows_id is not null)", name="follows"),
    CheckConstraint("(taken_back_at is null) = (taken_back_by is null)", name="taken_back"),
    CheckConstraint("reversal_id is null or taken_back_at is not null", name="reversal"),
    Index("write_off_of_discrepancy", "discrepancy_id", unique=True, postgresql_where=text("taken_back_at is null")),
    Index(
        "write_off_of_decision", "decision_id", "currency", unique=True, postgresql_where=text("taken_back_at is null")
    ),
    Index("write_off_of_source", "reconciliation_id", "source_row", postgresql_where=text("taken_back_at is null")),
    Index(
        "write_off_of_reference", "reconciliation_id", "reference_row", postgresql_where=text("taken_back_at is null")
    ),
    Index(
        "write_off_unposted",
        "reconciliation_id",
        "currency",
        postgresql_where=text("taken_back_at is null and booking = 'posted' and entry_id is null"),
    ),
    Index(None, "discrepancy_id", "id"),
    Index(None, "decision_id", "id"),
    Index(None, "follows_id", postgresql_where=text("follows_id is not null")),
)

write_off_account = Table(
    "write_off_account",
    metadata,
    Column("reconciliation_id", ForeignKey("reconciliation.id"), primary_key=True),
    Column("currency", Text, primary_key=True),
    Column("book", Text, nullable=False),
    Column("account_id", Uuid, ForeignKey("account.id"), nullable=False),
    Column("counter_account_id", Uuid, ForeignKey("account.id"), nullable=False),
    CheckConstraint("account_id <> counter_account_id", name="two_accounts"),
)
