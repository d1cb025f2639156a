"""A match may have several rows on a side, so how many rows are matched is no longer twice the matches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("run", sa.Column("matched_row_count", sa.BigInteger(), nullable=True))
    op.execute("update run set matched_row_count = 2 * matched_count")
