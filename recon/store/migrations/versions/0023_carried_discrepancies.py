"""Which discrepancies go on in a later run."""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    create table carried_discrepancy (
        discrepancy_id bigint not null,
        continues_id bigint not null,
        constraint carried_discrepancy_pkey primary key (discrepancy_id),
        constraint carried_discrepancy_discrepancy_id_fkey foreign key (discrepancy_id) references discrepancy (id),
        constraint carried_discrepancy_continues_id_fkey foreign key (continues_id) references discrepancy (id)
    )
    """,
    "create index carried_discrepancy_continues_id_idx on carried_discrepancy (continues_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
