"""What triage and the workbench write off or adjust is kept in one table, with the entry it is posted in."""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLE = """
create table write_off (
    id bigint generated always as identity,
    reconciliation_id bigint not null,
    run_id bigint not null,
    discrepancy_id bigint,
    decision_id bigint,
    follows_id bigint,
    resolution text not null,
    booking text not null,
    kind text,
    source_row text,
    reference_row text,
    currency text not null,
    amount bigint not null,
    dated_on date not null,
    action_key text not null,
    actor text not null,
    at timestamp with time zone default clock_timestamp() not null,
    reason text not null,
    entry_id bigint,
    taken_back_at timestamp with time zone,
    taken_back_by text,
    reversal_id bigint,
    constraint write_off_pkey primary key (id),
    constraint write_off_of_one_check check (num_nonnulls(discrepancy_id, decision_id) = 1),
    constraint write_off_resolution_check check (resolution in ('written_off','adjusted')),
    constraint write_off_booking_check check (booking in ('posted','named','elsewhere','follows')),
    constraint write_off_named_check check (booking <> 'named' or entry_id is not null),
    constraint write_off_unposted_check check (booking in ('posted','named') or entry_id is null),
    constraint write_off_follows_check check ((booking = 'follows') = (follows_id is not null)),
    constraint write_off_taken_back_check check ((taken_back_at is null) = (taken_back_by is null)),
    constraint write_off_reversal_check check (reversal_id is null or taken_back_at is not null),
    constraint write_off_reconciliation_id_fkey foreign key (reconciliation_id) references reconciliation (id),
    constraint write_off_run_id_fkey foreign key (run_id) references run (id),
    constraint write_off_discrepancy_id_fkey foreign key (discrepancy_id) references discrepancy (id),
    constraint write_off_decision_id_fkey foreign key (decision_id) references decision (id),
    constraint write_off_follows_id_fkey foreign key (follows_id) references write_off (id),
    constraint write_off_entry_id_fkey foreign key (entry_id) references journal_entry (id),
    constraint write_off_reversal_id_fkey foreign key (reversal_id) references journal_entry (id)
)
"""

INDEXES = (
    "create index write_off_action_key_idx on write_off (action_key)",
    "create index write_off_decision_id_id_idx on write_off (decision_id, id)",
    "create index write_off_discrepancy_id_id_idx on write_off (discrepancy_id, id)",
    "create index write_off_entry_id_idx on write_off (entry_id)",
    "create index write_off_follows_id_idx on write_off (follows_id) where follows_id is not null",
    "create unique index write_off_of_decision on write_off (decision_id, currency) where taken_back_at is null",
    "create unique index write_off_of_discrepancy on write_off (discrepancy_id) where taken_back_at is null",
    "create index write_off_of_reference on write_off (reconciliation_id, reference_row) where taken_back_at is null",
    "create index write_off_of_source on write_off (reconciliation_id, source_row) where taken_back_at is null",
    "create index write_off_reversal_id_idx on write_off (reversal_id)",
    "create index write_off_unposted on write_off (reconciliation_id, currency) "
    "where taken_back_at is null and booking = 'posted' and entry_id is null",
)

DATED = """
coalesce((select max(w.date) from decision_member m
            join workbench_row w on w.run_id = s.run_id and w.side = m.side and w.fingerprint = m.fingerprint
           where m.decision_id = d.id), (d.at at time zone 'UTC')::date)
"""

POSTED_ON_THE_WORKBENCH = f"""
insert into write_off (reconciliation_id, run_id, decision_id, resolution, booking, currency, amount, dated_on,
                       action_key, actor, at, reason, entry_id, taken_back_at, taken_back_by, reversal_id)
select d.reconciliation_id, s.run_id, d.id, 'written_off', 'posted', e.currency, e.amount, {DATED},
       s.action_key, d.actor, d.at, d.reason, e.entry_id, d.revoked_at, d.revoked_by, e.reversal_id
  from write_off_entry e join decision d on d.id = e.decision_id join settlement s on s.decision_id = d.id
 order by d.id
"""  # noqa: S608 - our own text, here and below

UNPOSTED_ON_THE_WORKBENCH = f"""
insert into write_off (reconciliation_id, run_id, decision_id, resolution, booking, currency, amount, dated_on,
                       action_key, actor, at, reason, taken_back_at, taken_back_by)
select d.reconciliation_id, s.run_id, d.id, 'written_off', 'posted', m.currency, m.amount, {DATED},
       s.action_key, d.actor, d.at, d.reason, d.revoked_at, d.revoked_by
  from settlement s
  join decision d on d.id = s.decision_id
  join lateral (select own.currency, sum(case own.side when 'source' then own.amount else -own.amount end) as amount
                  from decision_member own where own.decision_id = d.id group by own.currency) m on m.amount <> 0
 where s.resolution = 'written_off'
   and not exists (select from write_off_entry e where e.decision_id = d.id and e.currency = m.currency)
 order by d.id
"""  # noqa: S608

IN_TRIAGE = """
insert into write_off (reconciliation_id, run_id, discrepancy_id, resolution, booking, currency, amount, dated_on,
                       action_key, actor, at, reason)
select r.reconciliation_id, r.id, d.id, d.resolution,
       case d.resolution when 'written_off' then 'posted' else 'elsewhere' end, d.currency, d.amount, d.date,
       coalesce(last.action_key, ''), coalesce(d.resolved_by, 'system'), coalesce(d.resolved_at, clock_timestamp()),
       coalesce(d.comment, '')
  from discrepancy d
  join run r on r.id = d.run_id and r.published_attempt = d.attempt
  left join lateral (select e.action_key from discrepancy_event e
                      where e.discrepancy_id = d.id and e.action = 'resolved' order by e.id desc limit 1) last on true
 where d.resolution in ('written_off','adjusted')
   and not exists (select from workbench_row w where w.discrepancy_id = d.id and w.decision_id is not null)
 order by d.id
"""
"""None of these has an entry: those written off can be posted now."""


def upgrade() -> None:
    for statement in (TABLE, *INDEXES, POSTED_ON_THE_WORKBENCH, UNPOSTED_ON_THE_WORKBENCH, IN_TRIAGE):
        op.execute(statement)
    op.execute("drop table write_off_entry")
