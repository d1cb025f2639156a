"""The view of the queue a person begins with."""

from __future__ import annotations

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    create table default_view (
        actor text not null,
        view_id bigint not null,
        constraint default_view_pkey primary key (actor),
        constraint default_view_view_id_fkey foreign key (view_id) references saved_view (id) on delete cascade
    )
    """,
    "create index default_view_view_id_idx on default_view (view_id)",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
