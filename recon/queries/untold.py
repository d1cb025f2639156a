"""What the tables say that their logs do not: rows that somebody changed past Tieout, with the database's own keys.

The logs are sealed; what a page shows of them is a projection. Each of these looks for rows that are not what the
newest event about them says.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, text


def changed_discrepancies(conn: Connection, *, run_id: int | None = None) -> Sequence[Any]:
    """(run, discrepancy) whose state is not what its last event left it in, by number."""
    return conn.execute(_DISCREPANCIES, {"run_id": run_id}).all()


def changed_decisions(conn: Connection) -> Sequence[Any]:
    """(decision, whether it stands), where the log says the contrary: taken back or given way to another, or not."""
    return conn.execute(_DECISIONS).all()


def changed_rules(conn: Connection) -> Sequence[Any]:
    """(reconciliation, version) of rules that are not what was saved under that number."""
    return conn.execute(_RULES).all()


def changed_uploads(conn: Connection) -> Sequence[int]:
    """Files that came under another name, or with other bytes, by the log."""
    return conn.execute(_UPLOADS).scalars().all()


def changed_closes(conn: Connection) -> Sequence[int]:
    """Closes that the audit log has otherwise: other files, another person, another period, or not at all."""
    return conn.execute(_CLOSES).scalars().all()


def changed_people(conn: Connection) -> Sequence[str]:
    """People whose role, limits or activity are not what the log says they were last set to."""
    return conn.execute(_PEOPLE).scalars().all()


def changed_proposals(conn: Connection) -> Sequence[int]:
    """Proposals that nobody, or somebody else, decided by the log."""
    return conn.execute(_PROPOSALS).scalars().all()


_DISCREPANCIES: Final = text("""
with last as (
    select distinct on (discrepancy_id) discrepancy_id, action, resolution, actor, comment
      from discrepancy_event where action in ('resolved', 'reopened') order by discrepancy_id, id desc)
select d.run_id, d.id
  from discrepancy d
  join run r on r.id = d.run_id and r.published_attempt = d.attempt
  left join last on last.discrepancy_id = d.id
 where (cast(:run_id as bigint) is null or d.run_id = :run_id)
   and (d.status <> case when last.action = 'resolved' then 'resolved' else 'open' end
        or last.action = 'resolved'
           and ((d.resolution, d.resolved_by) is distinct from (last.resolution, last.actor)
                or right(coalesce(last.comment, ''), length(coalesce(d.comment, ''))) <> coalesce(d.comment, '')))
 order by d.run_id, d.id limit 100""")

_DECISIONS: Final = text("""
with told as (
    select (detail ->> 'decision')::bigint as id from audit_event where action = 'decision_taken_back'
    union select jsonb_array_elements_text(detail -> 'decisions')::bigint
            from audit_event where action = 'decisions_taken_back'
    union select jsonb_array_elements_text(detail -> 'replaces')::bigint
            from audit_event where action like 'rows\\_%' and detail ? 'replaces')
select d.id, d.revoked_at is null as is_standing
  from decision d left join told on told.id = d.id
 where (d.revoked_at is null) = (told.id is not null) order by d.id""")

_RULES: Final = text("""
select r.reconciliation_id, r.version
  from reconciliation_rules r
  join audit_event e on e.action = 'rules_saved' and e.subject = 'reconciliation ' || r.reconciliation_id
   and (e.detail ->> 'version')::int = r.version
 where (e.detail -> 'after', e.actor) is distinct from (r.rules, r.created_by)
 order by r.reconciliation_id, r.version""")

_UPLOADS: Final = text("""
select u.id
  from upload u
  join audit_event e on e.action = 'upload_received' and e.subject = 'upload ' || u.id
 where (e.detail ->> 'sha256', e.detail ->> 'filename') is distinct from (u.sha256, u.filename)
 group by u.id order by u.id""")

_CLOSES: Final = text("""
select c.id
  from period_close c
  left join audit_event e
    on e.action = case when c.reopens_id is null then 'period_closed' else 'period_reopened' end
   and e.subject = 'reconciliation ' || c.reconciliation_id and (e.detail ->> 'close')::bigint = c.id
 where e.id is null or e.actor <> c.signed_by
    or (e.detail ->> 'first_on', e.detail ->> 'last_on') <> (c.first_on::text, c.last_on::text)
    or (e.detail ->> 'digest', e.detail ->> 'workbook_sha256', e.detail ->> 'document_sha256')
       is distinct from (c.digest, c.workbook_sha256, c.document_sha256)
 order by c.id""")

_PEOPLE: Final = text("""
with told as (
    select distinct on (subject) subject, detail -> 'after' as after
      from audit_event where action in ('person_listed', 'person_changed') order by subject, id desc)
select p.name
  from person p left join told on told.subject = 'person ' || p.name
 where told.subject is null
    or (told.after ->> 'role', (told.after ->> 'is_active')::boolean, told.after -> 'limits')
       is distinct from (p.role, p.is_active, p.limits)
 order by p.name""")

_PROPOSALS: Final = text("""
select p.id
  from proposal p
 where p.state <> 'open'
   and not exists (select from audit_event e
                    where e.subject = 'proposal ' || p.id and e.action = 'proposal_' || p.state
                      and e.actor = p.decided_by)
 order by p.id""")
