"""The timetable of the checks, the slots anyone worked on, and the outbox of alerts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEEP_SLOT = """
create function keep_check_slot() returns trigger language plpgsql as $$
begin
    if old.status in ('done', 'failed') and new.status is distinct from old.status then
        raise exception 'slot % is % and stays so: % is refused', old.id, old.status, new.status
            using errcode = 'restrict_violation';
    end if;
    if new.attempt < old.attempt then
        raise exception 'slot %: attempt % comes after %', old.id, new.attempt, old.attempt
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$
"""


def upgrade() -> None:
    _timetable()
    _outbox()
    op.execute(KEEP_SLOT)
    op.execute(
        "create trigger check_slot_moves before update of status, attempt on check_slot "
        "for each row execute function keep_check_slot()"
    )
    op.execute("alter table check_slot enable always trigger check_slot_moves")


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False)


def _instant(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=True)


def _timetable() -> None:
    op.create_table(
        "check_schedule",
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("interval", sa.Interval(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        _now("since_at"),
        sa.CheckConstraint("interval > interval '0'", name=op.f("check_schedule_interval_check")),
        sa.PrimaryKeyConstraint("check_name", "book", name=op.f("check_schedule_pkey")),
    )
    op.create_table(
        "check_slot",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("check_name", sa.Text(), nullable=False),
        sa.Column("book", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("slot_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("missed_count", sa.BigInteger(), server_default="0", nullable=False),
        _instant("missed_since"),
        _now("planned_at"),
        sa.Column("status", sa.Text(), server_default="waiting", nullable=False),
        _now("ready_at"),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("released_count", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("worker", sa.Text(), nullable=True),
        _instant("lease_until"),
        _instant("started_at"),
        _instant("finished_at"),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.CheckConstraint("status in ('waiting','running','done','failed')", name=op.f("check_slot_status_check")),
        sa.CheckConstraint("(missed_count > 0) = (missed_since is not null)", name=op.f("check_slot_missed_check")),
        sa.CheckConstraint(
            "(status in ('done','failed')) = (finished_at is not null)", name=op.f("check_slot_finished_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("check_slot_pkey")),
        sa.UniqueConstraint("check_name", "book", "slot_at", name=op.f("check_slot_check_name_book_slot_at_key")),
    )
    op.create_index(
        "check_slot_unfinished",
        "check_slot",
        ["ready_at"],
        postgresql_where=sa.text("status in ('waiting','running')"),
    )


def _outbox() -> None:
    op.create_table(
        "alert",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("webhook_id", sa.Text(), server_default=sa.text("'alert_' || gen_random_uuid()"), nullable=False),
        _now("at"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("payload", JSONB(), nullable=False),
        sa.Column("state", sa.Text(), server_default="pending", nullable=False),
        sa.Column("attempt", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("try_count", sa.SmallInteger(), server_default="0", nullable=False),
        _now("next_try_at"),
        _instant("lease_until"),
        sa.Column(
            "expires_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("clock_timestamp() + interval '3 days'"),
            nullable=False,
        ),
        _instant("delivered_at"),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.CheckConstraint("state in ('pending','delivered','dead','kept')", name=op.f("alert_state_check")),
        sa.CheckConstraint("(state = 'delivered') = (delivered_at is not null)", name=op.f("alert_delivered_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("alert_pkey")),
        sa.UniqueConstraint("webhook_id", name=op.f("alert_webhook_id_key")),
    )
    op.create_index(
        "alert_pending", "alert", ["next_try_at", "id"], postgresql_where=sa.text("state = 'pending'")
    )
    op.create_index("alert_dead", "alert", ["id"], postgresql_where=sa.text("state = 'dead'"))
    op.create_table(
        "alert_endpoint",
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("failure_count", sa.Integer(), server_default="0", nullable=False),
        _instant("paused_until"),
        _instant("failed_at"),
        _instant("delivered_at"),
        sa.Column("error_text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("endpoint", name=op.f("alert_endpoint_pkey")),
    )
