"""A reconciliation's saved rules, in versions that are only ever added."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reconciliation_rules",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("reconciliation_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"], ["reconciliation.id"], name=op.f("reconciliation_rules_reconciliation_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reconciliation_rules_pkey")),
        sa.UniqueConstraint(
            "reconciliation_id", "version", name=op.f("reconciliation_rules_reconciliation_id_version_key")
        ),
    )
    op.execute(
        "create trigger reconciliation_rules_append_only before update or delete or truncate on reconciliation_rules "
        "for each statement execute function refuse_change()"
    )
    op.execute("alter table reconciliation_rules enable always trigger reconciliation_rules_append_only")
