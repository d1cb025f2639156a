"""Table definitions of what outlives a run: open items, what people decided about rows, and what runs carried.

Rows are named by their fingerprint (`recon.model.fingerprint`), which files and lines may change around. An item is
never deleted: when it is done with, it says by what.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from recon.store.tables import metadata


def _id() -> Column[int]:
    return Column("id", BigInteger, Identity(always=True), primary_key=True)


def _transaction() -> tuple[Column[Any], ...]:
    """The columns of TRANSACTION_SCHEMA but the line."""
    return (
        Column("txn_id", Text),
        Column("payment_ref", Text),
        Column("date", Date, nullable=False),
        Column("at", DateTime(timezone=True)),
        Column("amount", BigInteger, nullable=False),
        Column("currency", Text, nullable=False),
        Column("description", Text),
        Column("counterparty", Text),
        Column("group_id", Text),
        Column("fee", BigInteger),
        Column("kind", Text),
    )


decision = Table(
    "decision",
    metadata,
    _id(),
    Column("reconciliation_id", ForeignKey("reconciliation.id"), nullable=False),
    Column("kind", Text, nullable=False),  # recon.model.decisions.DecisionKind
    Column("reason_code", Text),
    Column("reason", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("action_key", Text, nullable=False, unique=True),  # made when the form is drawn: a double click is one
    Column("proposal_id", BigInteger),  # of the approval it needed, where it needed one
    Column("revoked_at", DateTime(timezone=True)),
    Column("revoked_by", Text),
    CheckConstraint(
        "kind in ('manual_match','never_pair','not_duplicate','ignore','write_off','net')",
        name="kind",
    ),
    CheckConstraint("(revoked_at is null) = (revoked_by is null)", name="revoked"),
    Index("decision_standing", "reconciliation_id", "id", postgresql_where=text("revoked_at is null")),
)

decision_member = Table(
    "decision_member",
    metadata,
    Column("decision_id", ForeignKey("decision.id"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("fingerprint", Text, primary_key=True),
    Column("amount", BigInteger, nullable=False),
    Column("currency", Text, nullable=False),
    CheckConstraint("side in ('source','reference')", name="side"),
    Index(None, "fingerprint", "side"),
)

open_item = Table(
    "open_item",
    metadata,
    _id(),
    Column("reconciliation_id", ForeignKey("reconciliation.id"), nullable=False),
    Column("side", Text, nullable=False),
    Column("fingerprint", Text, nullable=False),
    *_transaction(),
    Column("first_run_id", ForeignKey("run.id"), nullable=False),
    Column("first_line", BigInteger, nullable=False),  # where it is in that run's file
    Column("first_seen_on", Date, nullable=False),  # as-of date of the first run it was open in; its age counts from it
    Column("due_on", Date),  # when its counterpart is expected at the latest; none where nobody said when
    Column("state", Text, nullable=False),  # recon.model.open_items.ItemState
    Column("cleared_by", Text),  # recon.model.open_items.ClearedBy
    Column("cleared_run_id", ForeignKey("run.id")),
    Column("cleared_at", DateTime(timezone=True)),
    Column("decision_id", ForeignKey("decision.id")),
    Column("amends_id", ForeignKey("open_item.id")),  # the item this is another version of
    UniqueConstraint("reconciliation_id", "side", "fingerprint"),
    CheckConstraint("side in ('source','reference')", name="side"),
    CheckConstraint("state in ('open','in_transit','cleared')", name="state"),
    CheckConstraint("cleared_by in ('match','decision','amended','vanished')", name="cleared_by"),
    CheckConstraint("(state = 'cleared') = (cleared_by is not null)", name="cleared"),
    CheckConstraint("(cleared_by = 'decision') is not true or decision_id is not null", name="decided"),
    Index("open_item_standing", "reconciliation_id", "id", postgresql_where=text("state <> 'cleared'")),
    Index(None, "first_run_id", "side", "first_line"),
    Index(None, "cleared_run_id", postgresql_where=text("cleared_run_id is not null")),
    Index(None, "decision_id", postgresql_where=text("decision_id is not null")),
)

run_carry = Table(
    "run_carry",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("reconciliation_id", ForeignKey("reconciliation.id"), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("pool_hash", Text, nullable=False),  # of the open items it begins with and the decisions that stand
    Column("replaces_id", ForeignKey("run.id")),  # the newest run when this was asked for, of which it is another try
    Column("looks_back", Boolean, nullable=False),  # it repeats a run that is not the newest: it changes no item
    Column("number", BigInteger),  # its place among the runs in effect; none before it is published or once replaced
    Column("replaced_by_id", ForeignKey("run.id")),
    Column("carried_count", BigInteger),
    Column("cleared_count", BigInteger),
    Column("opened_count", BigInteger),
    UniqueConstraint("reconciliation_id", "number"),
)
"""What a run of a reconciliation that carries open items has beside any other run."""

run_side = Table(
    "run_side",
    metadata,
    Column("run_id", ForeignKey("run_carry.run_id"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("file_count", BigInteger, nullable=False),
    Column("earlier_count", BigInteger, nullable=False),  # of these, rows that earlier runs had already
    Column("amended_count", BigInteger, nullable=False),  # and rows that say anew what was settled
    Column("carried_count", BigInteger, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("first_on", Date),
    Column("last_on", Date),
    CheckConstraint("row_count = file_count - earlier_count - amended_count + carried_count", name="no_row_vanishes"),
)
"""Where the rows of a run's side come from; `first_on` and `last_on` are the file's days."""

run_amendment = Table(
    "run_amendment",
    metadata,
    Column("run_id", ForeignKey("run_carry.run_id"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("txn_id", Text, nullable=False),
    Column("was_open", Boolean, nullable=False),  # else what it amends was settled already, and it is left out
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
)
"""Rows of a run's file that have the id of an earlier row, and say something else; both as columns and texts."""
