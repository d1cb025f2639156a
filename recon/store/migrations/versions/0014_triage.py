"""Discrepancies are assigned and due; both are tallied; people save views of the queue."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UNIT = (
    "case when currency = any ('{BIF,BYR,CLP,DJF,GNF,ISK,JPY,KMF,KRW,PYG,RWF,UGX,UYI,VND,VUV,XAF,XOF,XPF}') then 1"
    " when currency = any ('{BHD,IQD,JOD,KWD,LYD,OMR,TND}') then 1000"
    " when currency = any ('{CLF,UYW}') then 10000 else 100 end"
)

DUE = f"date + case when gross >= 10000 * ({UNIT}) then 2 when gross >= 1000 * ({UNIT}) then 5 else 10 end"

STATEMENTS = (
    "alter table discrepancy add column assignee text, "
    f"add column due_on date generated always as ({DUE}) stored not null",
    "create index discrepancy_by_due on discrepancy (run_id, attempt, status, due_on, (-gross), id)",
    "create index discrepancy_of_assignee on discrepancy (run_id, attempt, status, assignee, id) "
    "where assignee is not null",
    "alter table discrepancy_event add column assignee text",
    "create index discrepancy_event_action_key_idx on discrepancy_event (action_key)",
    "alter table discrepancy_tally add column assignee text, add column due_on date",
    """
    create or replace function tally_discrepancies() returns trigger language plpgsql as $$
    begin
        if tg_op <> 'INSERT' then
            insert into discrepancy_tally
                   (run_id, attempt, status, kind, currency, date, assignee, due_on, row_count, amount, gross)
            select run_id, attempt, status, kind, currency, date, assignee, due_on, -count(*), -sum(amount), -sum(gross)
              from gone group by run_id, attempt, status, kind, currency, date, assignee, due_on;
        end if;
        if tg_op <> 'DELETE' then
            insert into discrepancy_tally
                   (run_id, attempt, status, kind, currency, date, assignee, due_on, row_count, amount, gross)
            select run_id, attempt, status, kind, currency, date, assignee, due_on, count(*), sum(amount), sum(gross)
              from come group by run_id, attempt, status, kind, currency, date, assignee, due_on;
        end if;
        return null;
    end
    $$
    """,
    "delete from discrepancy_tally",
    """
    insert into discrepancy_tally
           (run_id, attempt, status, kind, currency, date, due_on, row_count, amount, gross)
    select run_id, attempt, status, kind, currency, date, due_on, count(*), sum(amount), sum(gross)
      from discrepancy group by run_id, attempt, status, kind, currency, date, due_on
    """,
    "alter table discrepancy_tally alter column due_on set not null",
    """
    create table saved_view (
        id bigint generated always as identity,
        owner text not null,
        name text not null,
        is_shared boolean not null,
        query jsonb not null,
        saved_at timestamp with time zone default clock_timestamp() not null,
        constraint saved_view_pkey primary key (id),
        constraint saved_view_owner_name_key unique (owner, name),
        constraint saved_view_name_check check (length(name) between 1 and 40)
    )
    """,
)


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
