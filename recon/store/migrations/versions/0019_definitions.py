"""A reconciliation has owners and may run by itself; an upload knows where it was fetched from."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STATEMENTS = (
    """
    create table reconciliation_owner (
        reconciliation_id bigint not null,
        name text not null,
        constraint reconciliation_owner_pkey primary key (reconciliation_id, name),
        constraint reconciliation_owner_reconciliation_id_fkey
            foreign key (reconciliation_id) references reconciliation (id),
        constraint reconciliation_owner_name_check check (length(name) between 1 and 80)
    )
    """,
    "create index reconciliation_owner_name_idx on reconciliation_owner (name)",
    "alter table reconciliation add column runs_itself_by text",
    "alter table reconciliation add column runs_itself_since timestamp with time zone",
    "alter table reconciliation add constraint reconciliation_runs_itself_check "
    "check ((runs_itself_by is null) = (runs_itself_since is null))",
    """
    create table scheduled_run (
        reconciliation_id bigint not null,
        source_file_id bigint not null,
        reference_file_id bigint not null,
        at timestamp with time zone default clock_timestamp() not null,
        run_id bigint,
        error_text text,
        told_at timestamp with time zone,
        constraint scheduled_run_pkey primary key (reconciliation_id, source_file_id, reference_file_id),
        constraint scheduled_run_reconciliation_id_fkey foreign key (reconciliation_id) references reconciliation (id),
        constraint scheduled_run_run_id_fkey foreign key (run_id) references run (id),
        constraint scheduled_run_outcome_check check (run_id is not null or error_text is not null)
    )
    """,
    "create index scheduled_run_untold on scheduled_run (run_id) where told_at is null",
    "alter table upload add column address text",
    "update upload set address = fetched.address from ("
    " select distinct on (subject) subject, detail ->> 'address' as address from audit_event"
    " where action = 'transactions_fetched' order by subject, id desc) fetched"
    " where fetched.subject = 'upload ' || upload.id",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
