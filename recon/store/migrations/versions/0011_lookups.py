"""A customer's flows, and what an entry books, are found without reading all of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BOOKED = sa.text("entry_id is not null")


def upgrade() -> None:
    op.create_index(op.f("pending_flow_customer_id_opened_at_idx"), "pending_flow", ["customer_id", "opened_at"])
    op.create_index(op.f("pending_flow_entry_id_idx"), "pending_flow", ["entry_id"], postgresql_where=BOOKED)
    op.create_index(op.f("lrs_remittance_entry_id_idx"), "lrs_remittance", ["entry_id"], postgresql_where=BOOKED)
