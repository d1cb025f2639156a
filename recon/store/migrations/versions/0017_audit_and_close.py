"""The audit log is searched by who, what, about what, when and words; periods are signed off."""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

WORDS = (
    "to_tsvector('simple', translate(actor || ' ' || action || ' ' || subject || ' ' || left(detail::text, 4000),"
    " '-_/.:#@+<>&~=?|*\"{}[],', repeat(' ', 22)))"
)

STATEMENTS = (
    "create index audit_event_by_time on audit_event (at, id)",
    "create index audit_event_by_actor on audit_event (actor, at, id)",
    "create index audit_event_by_action on audit_event (action, at, id)",
    "create index audit_event_by_subject on audit_event (subject, at, id)",
    f"create index audit_event_search on audit_event using gin (({WORDS}))",
    """
    create table period_close (
        id bigint generated always as identity,
        reconciliation_id bigint not null,
        first_on date not null,
        last_on date not null,
        reopens_id bigint,
        signed_by text not null,
        at timestamp with time zone default clock_timestamp() not null,
        reason text not null,
        digest text,
        workbook_sha256 text,
        document_sha256 text,
        action_key text not null,
        constraint period_close_pkey primary key (id),
        constraint period_close_reconciliation_id_fkey foreign key (reconciliation_id) references reconciliation (id),
        constraint period_close_reopens_id_fkey foreign key (reopens_id) references period_close (id),
        constraint period_close_reopens_id_key unique (reopens_id),
        constraint period_close_action_key_key unique (action_key),
        constraint period_close_period_check check (first_on <= last_on),
        constraint period_close_pack_check check (
            (reopens_id is null) = (digest is not null) and (digest is null) = (workbook_sha256 is null)
            and (digest is null) = (document_sha256 is null))
    )
    """,
    "create index period_close_reconciliation_id_first_on_idx on period_close (reconciliation_id, first_on)",
    "create trigger period_close_append_only before update or delete or truncate on period_close "
    "for each statement execute function refuse_change()",
    "alter table period_close enable always trigger period_close_append_only",
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
