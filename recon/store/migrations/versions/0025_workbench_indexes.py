"""The workbench's rows are sorted and summed by amount, and its suggestions counted, from an index alone."""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

INDEXES = (
    "DROP INDEX workbench_row_by_amount",
    """
    CREATE INDEX workbench_row_by_amount ON workbench_row (run_id, side, open_amount, line)
    INCLUDE (currency, discrepancy_id) WHERE is_open
    """,
    """
    CREATE INDEX workbench_row_suggested ON workbench_row (run_id, discrepancy_id)
    WHERE is_open and kind = 'suggestion' and opened_by is null and decision_id is null
    """,
)


def upgrade() -> None:
    for statement in INDEXES:
        op.execute(statement)
