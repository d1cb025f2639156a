"""Table definitions of the workbench: a run's rows that do not tie out, and what settles them.

`workbench_row` is a projection of a published run and of the decisions that stand: it is made when the run is first
opened there, and follows every decision.
"""

from __future__ import annotations

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Table,
    Text,
    func,
    text,
)

from recon.store import workbench_tables  # noqa: F401 - the tables these refer to
from recon.store.tables import metadata

workbench_run = Table(
    "workbench_run",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("prepared_at", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
)

workbench_row = Table(
    "workbench_row",
    metadata,
    Column("run_id", ForeignKey("run.id"), primary_key=True),
    Column("side", Text, primary_key=True),
    Column("line", BigInteger, primary_key=True),
    Column("fingerprint", Text, nullable=False),
    Column("kind", Text, nullable=False),  # of its discrepancy
    Column("discrepancy_id", BigInteger),  # of the same run; none: a person took its match apart
    Column("date", Date, nullable=False),
    Column("amount", BigInteger, nullable=False),
    Column("open_amount", BigInteger, nullable=False),  # what no decision has settled: 0, all of it, or a part
    Column("currency", Text, nullable=False),
    Column("txn_id", Text),
    Column("payment_ref", Text),
    Column("description", Text),
    Column("counterparty", Text),
    Column("is_open", Boolean, nullable=False, server_default=text("true")),
    Column("decision_id", ForeignKey("decision.id")),  # settled it, or a part of it
    Column("opened_by", ForeignKey("decision.id")),  # says that it does not go with its partner
    CheckConstraint("side in ('source','reference')", name="side"),
    CheckConstraint("is_open or (open_amount = 0 and decision_id is not null)", name="settled"),
    CheckConstraint("abs(open_amount) <= abs(amount) and open_amount * sign(amount) >= 0", name="part"),
    Index("workbench_row_open", "run_id", "side", "date", "line", postgresql_where=text("is_open")),
    Index(
        "workbench_row_by_amount",
        "run_id",
        "side",
        "open_amount",
        "line",
        postgresql_include=["currency", "discrepancy_id"],
        postgresql_where=text("is_open"),
    ),
    Index(
        "workbench_row_suggested",
        "run_id",
        "discrepancy_id",
        postgresql_where=text(
            "is_open and kind = 'suggestion' and opened_by is null and decision_id is null",
        ),
    ),
    Index(None, "discrepancy_id"),
    Index(None, "fingerprint"),
    Index(None, "decision_id", postgresql_where=text("decision_id is not null")),
    Index(None, "opened_by", postgresql_where=text("opened_by is not null")),
)

settlement = Table(
    "settlement",
    metadata,
    Column("decision_id", ForeignKey("decision.id"), primary_key=True),
    Column("run_id", ForeignKey("run.id"), nullable=False),  # the run it was taken in
    Column("action_key", Text, nullable=False, index=True),  # of the command, which may take many decisions
    Column("move", Text, nullable=False),
    Column("resolution", Text, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("residual_side", Text),
    Column("residual_fingerprint", Text),
    Column("residual_amount", BigInteger),
    Column(
        "replaces", ARRAY(BigInteger), nullable=False, server_default=text("'{}'")
    ),  # decisions it took the place of
    CheckConstraint("num_nonnulls(residual_side, residual_fingerprint, residual_amount) in (0, 3)", name="residual"),
    Index(None, "run_id", text("decision_id desc")),
)
"""What the workbench adds to a decision; never changed: whether it stands is said by the decision."""
