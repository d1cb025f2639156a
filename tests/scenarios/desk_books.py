"""What must hold of a desk's books whatever anybody did: each law a query that finds nothing when it holds.

The laws read the tables themselves and share no code with what they watch.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Engine, text

LAWS: Final[Mapping[str, str]] = {
    "what is unexplained is nothing": """
        select p.run_id, p.currency, p.unexplained from run_proof p join run on run.id = p.run_id
         where run.reconciliation_id = :id and (p.unexplained <> 0 or p.unexplained <> p.source_total
             - p.reference_total - (select sum((k.value ->> 'amount')::numeric) from jsonb_each(p.by_kind) k))""",
    "every row of a run has one outcome": """
        select run.id, side, rows, counted from run cross join lateral (
            values ('source', run.source_count), ('reference', run.reference_count)) as s (side, rows)
          left join lateral (select coalesce(sum(t.row_count), 0) as counted from run_total t
             where t.run_id = run.id and t.attempt = run.published_attempt and t.side = s.side) t on true
         where run.reconciliation_id = :id and run.published_attempt is not null and rows <> counted""",
    "outcomes add up to the totals of the files": """
        select p.run_id, p.currency, t.side, t.amount from run_proof p join run on run.id = p.run_id
          join (select run_id, attempt, side, currency, sum(amount) as amount from run_total group by 1, 2, 3, 4) t
            on (t.run_id, t.attempt, t.currency) = (p.run_id, p.attempt, p.currency)
         where run.reconciliation_id = :id
           and t.amount <> case t.side when 'source' then p.source_total else p.reference_total end""",
    "no row is in two decisions that stand": """
        select m.side, m.fingerprint, array_agg(d.id) from decision d join decision_member m on m.decision_id = d.id
         where d.reconciliation_id = :id and d.revoked_at is null and d.kind <> 'never_pair'
           and d.kind <> 'not_duplicate' group by 1, 2 having count(*) > 1""",
    "a row that is not open is in a decision that stands": """
        select w.run_id, w.side, w.line, w.decision_id from workbench_row w join run on run.id = w.run_id
          left join decision d on d.id = w.decision_id and d.revoked_at is null
         where run.reconciliation_id = :id and (not w.is_open or w.open_amount <> w.amount)
           and not exists (select from decision_member m
                            where m.decision_id = d.id and (m.side, m.fingerprint) = (w.side, w.fingerprint))""",
    "a row that a decision of its run settled is not open": """
        select w.run_id, w.side, w.line, d.id from workbench_row w join run on run.id = w.run_id
          join decision_member m on (m.side, m.fingerprint) = (w.side, w.fingerprint)
          join decision d on d.id = m.decision_id and d.revoked_at is null and d.reconciliation_id = :id
          join settlement s on s.decision_id = d.id and s.run_id = w.run_id
         where run.reconciliation_id = :id and d.kind in ('manual_match', 'ignore', 'write_off', 'net')
           and w.open_amount <> case when (s.residual_side, s.residual_fingerprint) = (w.side, w.fingerprint)
                                     then s.residual_amount else 0 end
           and (select count(*) from workbench_row o
                 where (o.run_id, o.side, o.fingerprint) = (w.run_id, w.side, w.fingerprint)) = 1""",
    "a discrepancy stands as its events say": """
        select d.id, d.status, d.resolution, e.action, e.resolution from discrepancy d
          join run on run.id = d.run_id and run.published_attempt = d.attempt
          left join lateral (select action, resolution from discrepancy_event e where e.discrepancy_id = d.id
             and e.action in ('resolved', 'reopened') order by e.id desc limit 1) e on true
         where run.reconciliation_id = :id and (d.status, d.resolution) is distinct from
           (case when e.action = 'resolved' then 'resolved' else 'open' end,
            case when e.action = 'resolved' then e.resolution end)""",
    "somebody has a discrepancy as its events say": """
        select d.id, d.assignee, e.assignee from discrepancy d
          join run on run.id = d.run_id and run.published_attempt = d.attempt
          join lateral (select assignee from discrepancy_event e where e.discrepancy_id = d.id
             and e.action = 'assigned' order by e.id desc limit 1) e on true
         where run.reconciliation_id = :id and d.assignee is distinct from e.assignee""",
    "every change of a discrepancy is a version": """
        select d.id, d.version, count(e.id) from discrepancy d
          join run on run.id = d.run_id and run.published_attempt = d.attempt
          left join discrepancy_event e on e.discrepancy_id = d.id and e.action <> 'commented'
         where run.reconciliation_id = :id group by d.id
        having d.version <> 1 + count(distinct coalesce(substring(e.action_key from '^carried-[0-9]+'), e.id::text))""",
    "the tally is what the discrepancies are": """
        select * from (
          select d.run_id, d.status, d.kind, d.currency, count(*) as n, sum(d.amount) as amount
            from discrepancy d join run on run.id = d.run_id and run.published_attempt = d.attempt
           where run.reconciliation_id = :id group by 1, 2, 3, 4
          except
          select t.run_id, t.status, t.kind, t.currency, sum(t.row_count), sum(t.amount)
            from discrepancy_tally t join run on run.id = t.run_id and run.published_attempt = t.attempt
           where run.reconciliation_id = :id group by 1, 2, 3, 4) as differs""",
    "what is resolved by a decision has no open row": """
        select d.id, w.side, w.line from discrepancy d join workbench_row w on w.discrepancy_id = d.id
          join discrepancy_event e on e.discrepancy_id = d.id and e.action = 'resolved'
         where d.run_id = :run and d.status = 'resolved' and d.resolution = 'matched' and w.is_open
           and w.decision_id is not null and w.open_amount = w.amount""",
    "entries sum to nothing": """
        select entry_id, currency from journal_line group by 1, 2 having sum(amount) <> 0""",
    "a balance is the sum of its lines": """
        select b.account_id from account_balance b
          left join (select account_id, sum(amount) as amount from journal_line group by 1) l using (account_id)
         where b.balance <> coalesce(l.amount, 0)""",
    "what was taken back does not stand": """
        select w.id from write_off w join decision d on d.id = w.decision_id
         where w.reconciliation_id = :id and (w.taken_back_at is null) <> (d.revoked_at is null)""",
    "what is written off in triage is resolved so": """
        select w.id, d.status, d.resolution from write_off w join discrepancy d on d.id = w.discrepancy_id
         where w.reconciliation_id = :id and w.taken_back_at is null
           and d.resolution is distinct from w.resolution""",
    "what triage wrote off is in the books": """
        select d.id from discrepancy d join run on run.id = d.run_id and run.published_attempt = d.attempt
         where run.reconciliation_id = :id and d.resolution in ('written_off', 'adjusted')
           and not exists (select from write_off w where w.discrepancy_id = d.id and w.taken_back_at is null)
           and not exists (select from workbench_row r join decision x on x.id = r.decision_id
                            where r.discrepancy_id = d.id and x.revoked_at is null)""",
    "an approval is by another than asked": """
        select id from proposal where decided_by = proposed_by and state <> 'withdrawn'""",
}


def broken(engine: Engine, *, reconciliation_id: int, run_id: int) -> dict[str, list[Any]]:
    """Law -> what breaks it, of those that do not hold."""
    found = {}
    with engine.connect() as conn:
        for law, query in LAWS.items():
            rows = conn.execute(text(query), {"id": reconciliation_id, "run": run_id}).all()
            if rows:
                found[law] = [tuple(row) for row in rows[:5]]
    return found


def loss(engine: Engine, reconciliation_id: int, currency: str) -> int:
    """What stands as written off with an entry of ours, in minor units."""
    query = """
        select coalesce(sum(amount), 0) from write_off
         where reconciliation_id = :id and currency = :currency and taken_back_at is null
           and booking = 'posted' and entry_id is not null"""
    with engine.connect() as conn:
        return int(conn.execute(text(query), {"id": reconciliation_id, "currency": currency}).scalar_one())


def everything(engine: Engine) -> dict[str, str]:
    """Table -> a digest of all its rows: what a command that was refused leaves as it was."""
    with engine.connect() as conn:
        names = conn.execute(text(_TABLES)).scalars().all()
        parts = " union all ".join(
            f"select '{name}', md5(coalesce(string_agg(t::text, '|' order by t::text), '')) from {name} t"  # noqa: S608
            for name in names
        )
        return {row[0]: row[1] for row in conn.execute(text(parts))}


_TABLES: Final = """
select c.relname from pg_class c
 where c.relkind = 'r' and c.relnamespace = current_schema()::regnamespace
   and c.relname not like 'procrastinate%' and c.relname not in ('alembic_version', 'heartbeat') order by 1"""
