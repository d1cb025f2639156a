"""The checks: their runs, what they found, each variance until it is fixed, and the seals of the logs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

APPEND_ONLY = ("check_variance", "variance_event", "audit_seal")

KEEP_CHECK_RUN = """
create function keep_check_run() returns trigger language plpgsql as $$
begin
    if old.finished_at is not null then
        raise exception 'check run % is finished and stays so: % is refused', old.id, lower(tg_op)
            using errcode = 'restrict_violation', hint = 'Run the check again.';
    end if;
    if tg_op = 'UPDATE' and new.attempt < old.attempt then
        raise exception 'check run %: attempt % comes after %', old.id, new.attempt, old.attempt
            using errcode = 'restrict_violation';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$
"""


def upgrade() -> None:
    op.create_table(
        "audit_seal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("log", sa.Text(), nullable=False),
        sa.Column("first_id", sa.BigInteger(), nullable=False),
        sa.Column("last_id", sa.BigInteger(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("columns", JSONB(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("previous_digest", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_seal_pkey")),
        sa.UniqueConstraint("log", "first_id", name=op.f("audit_seal_log_first_id_key")),
        sa.UniqueConstraint("log", "previous_digest", name=op.f("audit_seal_log_previous_digest_key")),
    )
    op.create_table(
        "check_run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column(
            "started_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("status_before", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("metrics", JSONB(), nullable=True),
        sa.Column("variance_count", sa.Integer(), nullable=True),
        sa.Column("variance_totals", JSONB(), nullable=True),
        sa.Column("duration_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("book in ('uae','india','all')", name=op.f("check_run_book_check")),
        sa.CheckConstraint("category in ('A','B','C','D')", name=op.f("check_run_category_check")),
        sa.CheckConstraint("status in ('ok','warn','fail','error')", name=op.f("check_run_status_check")),
        sa.CheckConstraint("(status is null) = (finished_at is null)", name=op.f("check_run_finished_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("check_run_pkey")),
        sa.UniqueConstraint("check_name", "book", "slot", name=op.f("check_run_check_name_book_slot_key")),
    )
    op.create_index(
        "check_run_at_work",
        "check_run",
        ["check_name", "book"],
        unique=False,
        postgresql_where=sa.text("finished_at is null"),
    )
    op.create_index(op.f("check_run_check_name_book_id_idx"), "check_run", ["check_name", "book", "id"], unique=False)
    op.create_index(op.f("check_run_finished_at_idx"), "check_run", ["finished_at"], unique=False)
    op.create_table(
        "check_variance",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("subject", JSONB(), nullable=False),
        sa.Column("expected", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("actual", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("difference", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("explained", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("unexplained", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.CheckConstraint("difference = actual - expected", name=op.f("check_variance_difference_check")),
        sa.CheckConstraint("unexplained = difference - explained", name=op.f("check_variance_unexplained_check")),
        sa.ForeignKeyConstraint(["run_id"], ["check_run.id"], name=op.f("check_variance_run_id_fkey")),
        sa.PrimaryKeyConstraint("run_id", "subject_key", name=op.f("check_variance_pkey")),
    )
    op.create_table(
        "variance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("subject", JSONB(), nullable=False),
        sa.Column("expected", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("actual", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("difference", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("explained", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("unexplained", sa.Numeric(precision=38, scale=10), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("first_run_id", sa.BigInteger(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_run_id", sa.BigInteger(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fixed_run_id", sa.BigInteger(), nullable=True),
        sa.Column("fixed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("class", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
        sa.CheckConstraint("class in ('data_issue','code_issue','timing')", name=op.f("variance_class_check")),
        sa.CheckConstraint("(fixed_run_id is null) = (fixed_at is null)", name=op.f("variance_fixed_check")),
        sa.ForeignKeyConstraint(["first_run_id"], ["check_run.id"], name=op.f("variance_first_run_id_fkey")),
        sa.ForeignKeyConstraint(["fixed_run_id"], ["check_run.id"], name=op.f("variance_fixed_run_id_fkey")),
        sa.ForeignKeyConstraint(["last_run_id"], ["check_run.id"], name=op.f("variance_last_run_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("variance_pkey")),
    )
    op.create_index(
        "variance_fixed",
        "variance",
        ["fixed_run_id"],
        unique=False,
        postgresql_where=sa.text("fixed_run_id is not null"),
    )
    op.create_index(
        "variance_open",
        "variance",
        ["check_name", "book", "subject_key"],
        unique=True,
        postgresql_where=sa.text("fixed_run_id is null"),
    )
    op.create_table(
        "variance_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("variance_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("class", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("action_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["variance_id"], ["variance.id"], name=op.f("variance_event_variance_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("variance_event_pkey")),
        sa.UniqueConstraint("variance_id", "action_key", name=op.f("variance_event_variance_id_action_key_key")),
    )
    for table in APPEND_ONLY:
        _trigger(table, "append_only", "before update or delete or truncate", "statement", "refuse_change")
    op.execute(KEEP_CHECK_RUN)
    _trigger("check_run", "kept", "before update or delete", "row", "keep_check_run")


def _trigger(table: str, name: str, when: str, each: str, function: str) -> None:
    op.execute(f"create trigger {table}_{name} {when} on {table} for each {each} execute function {function}()")
    op.execute(f"alter table {table} enable always trigger {table}_{name}")
