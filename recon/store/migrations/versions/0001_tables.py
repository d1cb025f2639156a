"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_event_pkey")),
    )
    op.create_table(
        "feed",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("feed_pkey")),
        sa.UniqueConstraint("name", name=op.f("feed_name_key")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("process", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process", name=op.f("heartbeat_pkey")),
    )
    op.create_table(
        "reconciliation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("reconciliation_pkey")),
        sa.UniqueConstraint("name", name=op.f("reconciliation_name_key")),
    )
    op.create_table(
        "feed_mapping",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("feed_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("feed_mapping_feed_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("feed_mapping_pkey")),
        sa.UniqueConstraint("feed_id", "version", name=op.f("feed_mapping_feed_id_version_key")),
    )
    op.create_table(
        "upload",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("received_by", sa.Text(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("upload_sha256_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("upload_pkey")),
    )
    op.create_index(op.f("upload_sha256_idx"), "upload", ["sha256"], unique=False)
    op.create_table(
        "reading",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("upload_id", sa.BigInteger(), nullable=False),
        sa.Column("reading_key", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("mapping", JSONB(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_accepted", sa.BigInteger(), nullable=False),
        sa.Column("rows_rejected", sa.BigInteger(), nullable=False),
        sa.Column("rows_ignored", sa.BigInteger(), nullable=False),
        sa.Column("notes", JSONB(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.CheckConstraint(
            "rows_read = rows_accepted + rows_rejected + rows_ignored", name=op.f("reading_no_row_vanishes_check")
        ),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name=op.f("reading_upload_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("reading_pkey")),
        sa.UniqueConstraint("upload_id", "reading_key", name=op.f("reading_upload_id_reading_key_key")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("reconciliation_id", sa.BigInteger(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("rerun_of_id", sa.BigInteger(), nullable=True),
        sa.Column("source_reading_id", sa.BigInteger(), nullable=False),
        sa.Column("reference_reading_id", sa.BigInteger(), nullable=False),
        sa.Column("rules", JSONB(), nullable=False),
        sa.Column("requested_by", sa.Text(), nullable=False),
        sa.Column(
            "requested_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("status", sa.Text(), server_default="queued", nullable=False),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("rows_done", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("rows_total", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("progress_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("released_count", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error_code", sa.Text(), nullable=True),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.Column("published_attempt", sa.SmallInteger(), nullable=True),
        sa.Column("source_count", sa.BigInteger(), nullable=True),
        sa.Column("reference_count", sa.BigInteger(), nullable=True),
        sa.Column("matched_count", sa.BigInteger(), nullable=True),
        sa.Column("suggested_count", sa.BigInteger(), nullable=True),
        sa.Column("discrepancy_count", sa.BigInteger(), nullable=True),
        sa.Column("seconds", JSONB(), nullable=True),
        sa.Column("confidence", JSONB(), nullable=True),
        sa.Column("manifest", JSONB(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'succeeded') = (published_attempt is not null)", name=op.f("run_published_check")
        ),
        sa.CheckConstraint(
            "status in ('queued','running','succeeded','failed','cancelled')", name=op.f("run_status_check")
        ),
        sa.ForeignKeyConstraint(["reconciliation_id"], ["reconciliation.id"], name=op.f("run_reconciliation_id_fkey")),
        sa.ForeignKeyConstraint(["reference_reading_id"], ["reading.id"], name=op.f("run_reference_reading_id_fkey")),
        sa.ForeignKeyConstraint(["rerun_of_id"], ["run.id"], name=op.f("run_rerun_of_id_fkey")),
        sa.ForeignKeyConstraint(["source_reading_id"], ["reading.id"], name=op.f("run_source_reading_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("run_pkey")),
    )
    op.create_index(
        "run_key_once",
        "run",
        ["run_key"],
        unique=True,
        postgresql_where=sa.text("rerun_of_id is null and status not in ('failed','cancelled')"),
    )
    op.create_index(
        op.f("run_reconciliation_id_idx"),
        "run",
        ["reconciliation_id", sa.literal_column("requested_at desc")],
        unique=False,
    )
    op.create_index(
        "run_waiting", "run", ["requested_at"], unique=False, postgresql_where=sa.text("status in ('queued','running')")
    )
    op.create_table(
        "discrepancy",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("side", sa.Text(), nullable=True),
        sa.Column("source_line", sa.BigInteger(), nullable=True),
        sa.Column("reference_line", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("gross", sa.BigInteger(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("txn_id", sa.Text(), nullable=True),
        sa.Column("payment_ref", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("counterparty", sa.Text(), nullable=True),
        sa.Column("pass", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default="open", nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("resolved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("resolved_by", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.CheckConstraint(
            "(status = 'resolved') = (resolution is not null)", name=op.f("discrepancy_resolution_check")
        ),
        sa.CheckConstraint("status in ('open','resolved')", name=op.f("discrepancy_status_check")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("discrepancy_run_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("discrepancy_pkey")),
    )
    op.create_index(
        "discrepancy_by_currency",
        "discrepancy",
        ["run_id", "attempt", "status", "currency", "gross", "id"],
        unique=False,
    )
    op.create_index("discrepancy_by_date", "discrepancy", ["run_id", "attempt", "status", "date", "id"], unique=False)
    op.create_index("discrepancy_by_gross", "discrepancy", ["run_id", "attempt", "status", "gross", "id"], unique=False)
    op.create_index("discrepancy_by_id", "discrepancy", ["run_id", "attempt", "status", "id"], unique=False)
    op.create_index("discrepancy_by_kind", "discrepancy", ["run_id", "attempt", "status", "kind", "id"], unique=False)
    op.create_index(
        "discrepancy_by_party",
        "discrepancy",
        [
            "run_id",
            "attempt",
            "status",
            sa.literal_column("(lower(left(coalesce(counterparty, description, ''), 80)))"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "discrepancy_by_reference",
        "discrepancy",
        [
            "run_id",
            "attempt",
            "status",
            sa.literal_column("(lower(left(coalesce(payment_ref, txn_id, ''), 80)))"),
            "id",
        ],
        unique=False,
    )
    op.create_index(
        "discrepancy_search",
        "discrepancy",
        [
            sa.literal_column(
                "(to_tsvector('simple', 'run' || run_id || 'x ' || translate(coalesce(txn_id, '') || ' ' || coalesce(payment_ref, '') || ' ' || coalesce(counterparty, '') || ' ' || coalesce(description, ''), '-_/.:#@+<>&~=?|*', repeat(' ', 16))))"
            )
        ],
        unique=False,
        postgresql_using="gin",
        postgresql_with={"gin_pending_list_limit": 16384},
    )
    op.create_table(
        "discrepancy_tally",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("gross", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("discrepancy_tally_run_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("discrepancy_tally_pkey")),
    )
    op.create_index(
        op.f("discrepancy_tally_run_id_attempt_idx"), "discrepancy_tally", ["run_id", "attempt"], unique=False
    )
    op.create_table(
        "run_proof",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("source_count", sa.BigInteger(), nullable=False),
        sa.Column("source_total", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("reference_count", sa.BigInteger(), nullable=False),
        sa.Column("reference_total", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.Column("by_kind", JSONB(), nullable=False),
        sa.Column("unexplained", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("run_proof_run_id_fkey")),
        sa.PrimaryKeyConstraint("run_id", "attempt", "currency", name=op.f("run_proof_pkey")),
    )
    op.create_table(
        "run_total",
        sa.Column("run_id", sa.BigInteger(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("side", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("row_count", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.Numeric(precision=38, scale=0), nullable=False),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("run_total_run_id_fkey")),
        sa.PrimaryKeyConstraint("run_id", "attempt", "side", "currency", "outcome", name=op.f("run_total_pkey")),
    )
    op.create_table(
        "discrepancy_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("discrepancy_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("resolution", sa.Text(), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("action_key", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["discrepancy_id"], ["discrepancy.id"], name=op.f("discrepancy_event_discrepancy_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("discrepancy_event_pkey")),
        sa.UniqueConstraint(
            "discrepancy_id", "action_key", name=op.f("discrepancy_event_discrepancy_id_action_key_key")
        ),
    )
    op.create_index(op.f("discrepancy_event_discrepancy_id_idx"), "discrepancy_event", ["discrepancy_id"], unique=False)
