"""What was dismissed of the changes that were proposed to a reconciliation's rules."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    create table dismissed_lesson (
        reconciliation_id bigint not null,
        lesson_key text not null,
        dismissed_at timestamp with time zone default clock_timestamp() not null,
        dismissed_by text not null,
        constraint dismissed_lesson_pkey primary key (reconciliation_id, lesson_key),
        constraint dismissed_lesson_reconciliation_id_fkey
            foreign key (reconciliation_id) references reconciliation (id)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
