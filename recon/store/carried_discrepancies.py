"""A discrepancy about a row that stays open is one discrepancy, however many runs have the row: linked, not made anew.

When a run is published, each of its discrepancies about a carried row follows the one the run before had of that row:
it has its assignee, its resolution and, through the link, its thread. What was put down to timing is open again: the
counterpart was said to follow, and has not. What a decision on rows resolved is left to that decision.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import ARRAY, Connection, Text, bindparam, text

from recon.model.outcome import DiscrepancyKind
from recon.store import audit, write_offs

ABOUT_ROWS: Final = (
    DiscrepancyKind.MISSING_IN_REFERENCE,
    DiscrepancyKind.MISSING_IN_SOURCE,
    DiscrepancyKind.DUPLICATE,
    DiscrepancyKind.SUGGESTION,
    DiscrepancyKind.DECISION_LOST,
)
"""Kinds about rows that stay open; of a suggestion its source row stands for it."""


def follow(conn: Connection, run_id: int, attempt: int, *, previous_id: int | None, replaces_id: int | None) -> int:
    """Link a run's discrepancies to those of the runs before it, and let them stand as those did; how many.

    In the transaction that publishes the run, after its open items have changed.
    """
    key = {"run_id": run_id, "attempt": attempt}
    if replaces_id is not None:
        conn.execute(_LINK_REPLACED, {**key, "other_id": replaces_id})
    if previous_id is not None:
        kinds = bindparam("kinds", [kind.value for kind in ABOUT_ROWS], type_=ARRAY(Text))
        conn.execute(_LINK_PREVIOUS.bindparams(kinds), {**key, "other_id": previous_id})
    count: int = conn.execute(_COUNT, key).scalar_one()
    if count:
        for statement in (_HOLD, _TELL_ASSIGNED, _TELL_RESOLVED, _TELL_TIMING, _STAND):
            conn.execute(statement, {**key, "mark": f"carried-{run_id}"})
        write_offs.follow_carried(conn, run_id, attempt)
        detail = {"discrepancies": count, "previous": previous_id, "replaces": replaces_id}
        audit.record(conn, actor="system", action="discrepancies_carried", subject=f"run {run_id}", detail=detail)
    return count


_LINK_REPLACED: Final = text("""
insert into carried_discrepancy (discrepancy_id, continues_id)
select n.id, min(p.id)
  from discrepancy n
  join run this on this.id = n.run_id
  join run other on other.id = :other_id
  join discrepancy p on p.run_id = other.id and p.attempt = other.published_attempt
   and p.kind = n.kind and p.currency = n.currency
   and coalesce(p.source_line, 0) = coalesce(n.source_line, 0)
   and coalesce(p.reference_line, 0) = coalesce(n.reference_line, 0)
 where n.run_id = :run_id and n.attempt = :attempt
   and (this.source_reading_id = other.source_reading_id or coalesce(n.source_line, 0) <= 0)
   and (this.reference_reading_id = other.reference_reading_id or coalesce(n.reference_line, 0) <= 0)
 group by n.id""")
"""Lines of one file say the same in both; a line below 0 is an open item's number."""

_LINK_PREVIOUS: Final = text("""
with mine as materialized (
    select n.id, n.kind, coalesce(n.side, 'source') as side,
           case coalesce(n.side, 'source') when 'source' then n.source_line else n.reference_line end as line
      from discrepancy n where n.run_id = :run_id and n.attempt = :attempt and n.kind = any(:kinds)),
about as (
    select mine.id, mine.kind, mine.side, -mine.line as item_id from mine where mine.line < 0
    union all
    select mine.id, mine.kind, mine.side, item.amends_id
      from mine join open_item item on item.first_run_id = :run_id and item.side = mine.side
                                   and item.first_line = mine.line
     where mine.line > 0 and item.amends_id is not null),
theirs as materialized (
    select p.id, p.kind, coalesce(p.side, 'source') as side,
           case coalesce(p.side, 'source') when 'source' then p.source_line else p.reference_line end as line
      from discrepancy p join run other on other.id = p.run_id and other.published_attempt = p.attempt
     where p.run_id = :other_id and p.kind = any(:kinds)),
before as (
    select theirs.id, theirs.kind, -theirs.line as item_id from theirs where theirs.line < 0
    union all
    select theirs.id, theirs.kind, item.id
      from theirs join open_item item on item.first_run_id = :other_id and item.side = theirs.side
                                     and item.first_line = theirs.line
     where theirs.line > 0)
insert into carried_discrepancy (discrepancy_id, continues_id)
select about.id, max(before.id)
  from about join before on before.item_id = about.item_id
   and (before.kind = 'decision_lost') = (about.kind = 'decision_lost')
 group by about.id
on conflict do nothing""")

_COUNT: Final = text("""
select count(*) from carried_discrepancy link join discrepancy n on n.id = link.discrepancy_id
 where n.run_id = :run_id and n.attempt = :attempt""")

_LINKED: Final = """
  from carried_discrepancy link
  join discrepancy n on n.id = link.discrepancy_id and n.run_id = :run_id and n.attempt = :attempt
  join discrepancy p on p.id = link.continues_id"""

_STAYS_RESOLVED: Final = """
       p.status = 'resolved' and p.resolution <> 'timing' and p.kind = n.kind and p.amount = n.amount
   and not exists (select from workbench_row w where w.discrepancy_id = p.id and w.decision_id is not null)"""

_HOLD: Final = text(f"select p.id {_LINKED} order by p.id for share of p")
"""Nobody decides about these meanwhile: what is told and how it stands are of one moment."""

_TELL_ASSIGNED: Final = text(f"""
insert into discrepancy_event (discrepancy_id, actor, action, assignee, comment, action_key)
select n.id, 'system', 'assigned', p.assignee, 'As in run ' || p.run_id || '.', :mark || '-assigned'
{_LINKED} where p.assignee is not null order by n.id""")

_TELL_RESOLVED: Final = text(f"""
insert into discrepancy_event (discrepancy_id, actor, action, resolution, comment, action_key)
select n.id, p.resolved_by, 'resolved', p.resolution, concat_ws(' ', 'As in run ' || p.run_id || '.', p.comment),
       :mark || '-resolved'
{_LINKED} where {_STAYS_RESOLVED} order by n.id""")

_TELL_TIMING: Final = text(f"""
insert into discrepancy_event (discrepancy_id, actor, action, comment, action_key)
select n.id, 'system', 'commented',
       'Put down to timing in run ' || p.run_id || ', but its counterpart has not come.', :mark || '-timing'
{_LINKED} where p.status = 'resolved' and p.resolution = 'timing' order by n.id""")

_STAND: Final = text(f"""
update discrepancy d
   set assignee = stood.assignee, version = d.version + 1,
       status = case when stood.stays then 'resolved' else 'open' end,
       resolution = case when stood.stays then stood.resolution end,
       comment = case when stood.stays then stood.comment end,
       resolved_at = case when stood.stays then stood.resolved_at end,
       resolved_by = case when stood.stays then stood.resolved_by end
  from (select n.id, p.assignee, p.resolution, p.comment, p.resolved_at, p.resolved_by, {_STAYS_RESOLVED} as stays
        {_LINKED}) stood
 where d.id = stood.id and (stood.stays or stood.assignee is not null)""")  # noqa: S608
