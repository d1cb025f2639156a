"""History is append-only and a finished run stays finished, whoever asks: the database itself refuses."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit_event", "discrepancy_event", "feed_mapping")

REFUSE_CHANGE = """
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is append-only: % is refused', tg_table_name, lower(tg_op)
        using errcode = 'restrict_violation', hint = 'Add a row that corrects the earlier one.';
end
$$
"""

REFUSE_RUN_MOVE = """
create function refuse_run_move() returns trigger language plpgsql as $$
begin
    if old.status in ('succeeded', 'failed', 'cancelled') and new.status is distinct from old.status then
        raise exception 'run % is % and stays so: % is refused', old.id, old.status, new.status
            using errcode = 'restrict_violation', hint = 'Run it again as a new run.';
    end if;
    if old.published_attempt is not null and new.published_attempt is distinct from old.published_attempt then
        raise exception 'run % is published: attempt % stays', old.id, old.published_attempt
            using errcode = 'restrict_violation';
    end if;
    if old.status = 'queued' and new.status = 'succeeded' then
        raise exception 'run % was never running: succeeded is refused', old.id
            using errcode = 'restrict_violation';
    end if;
    if new.attempt < old.attempt then
        raise exception 'run %: attempt % comes after %', old.id, new.attempt, old.attempt
            using errcode = 'restrict_violation';
    end if;
    return new;
end
$$
"""


def upgrade() -> None:
    op.execute(REFUSE_CHANGE)
    for table in APPEND_ONLY:
        op.execute(
            f"create trigger {table}_append_only before update or delete or truncate on {table} "
            "for each statement execute function refuse_change()"
        )
        # "always": a session that calls itself a replica does not slip past it
        op.execute(f"alter table {table} enable always trigger {table}_append_only")
    op.execute(REFUSE_RUN_MOVE)
    op.execute(
        "create trigger run_moves before update of status, attempt, published_attempt on run "
        "for each row execute function refuse_run_move()"
    )
    op.execute("alter table run enable always trigger run_moves")
