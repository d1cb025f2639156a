"""Whoever changes discrepancies changes their tally, in the same transaction: the figures cannot drift from the rows."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TALLY = """
create function tally_discrepancies() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        insert into discrepancy_tally (run_id, attempt, status, kind, currency, date, row_count, amount, gross)
        select run_id, attempt, status, kind, currency, date, -count(*), -sum(amount), -sum(gross)
          from gone group by run_id, attempt, status, kind, currency, date;
    end if;
    if tg_op <> 'DELETE' then
        insert into discrepancy_tally (run_id, attempt, status, kind, currency, date, row_count, amount, gross)
        select run_id, attempt, status, kind, currency, date, count(*), sum(amount), sum(gross)
          from come group by run_id, attempt, status, kind, currency, date;
    end if;
    return null;
end
$$
"""

TRANSITIONS = {
    "insert": "new table as come",
    "update": "old table as gone new table as come",
    "delete": "old table as gone",
}


def upgrade() -> None:
    op.execute(TALLY)
    for action, tables in TRANSITIONS.items():
        op.execute(
            f"create trigger discrepancy_tally_{action} after {action} on discrepancy "
            f"referencing {tables} for each statement execute function tally_discrepancies()"
        )
        op.execute(f"alter table discrepancy enable always trigger discrepancy_tally_{action}")
