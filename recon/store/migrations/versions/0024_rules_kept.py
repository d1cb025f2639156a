"""What a run was made with stays as it was; a dismissed suggestion remembers how much spoke for it."""

from __future__ import annotations

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

REFUSE_RUN_CHANGE = """
create function refuse_run_change() returns trigger language plpgsql as $$
begin
    if (new.reconciliation_id, new.rerun_of_id, new.source_reading_id, new.reference_reading_id, new.rules)
        is distinct from
       (old.reconciliation_id, old.rerun_of_id, old.source_reading_id, old.reference_reading_id, old.rules) then
        raise exception 'run %: what it is made with stays as it was asked for', old.id
            using errcode = 'restrict_violation', hint = 'Run it again as a new run.';
    end if;
    if old.published_attempt is not null
        and (new.run_key, new.manifest, new.digest) is distinct from (old.run_key, old.manifest, old.digest) then
        raise exception 'run % is published: its result stays', old.id
            using errcode = 'restrict_violation', hint = 'Run it again as a new run.';
    end if;
    return new;
end
$$
"""


def upgrade() -> None:
    op.execute(REFUSE_RUN_CHANGE)
    op.execute(
        "create trigger run_kept before update of reconciliation_id, rerun_of_id, source_reading_id, "
        "reference_reading_id, rules, run_key, manifest, digest on run "
        "for each row execute function refuse_run_change()"
    )
    op.execute("alter table run enable always trigger run_kept")
    op.execute("alter table dismissed_lesson add column pair_count integer not null default 3")
    op.execute("alter table dismissed_lesson alter column pair_count drop default")
