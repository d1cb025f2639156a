"""Runs that nobody asked for: which pair of new files waits for one, and what became of it; in a caller's transaction.

A pair is two files that came for both feeds of a reconciliation and that no run has used on their side. A side that is
fetched has no file of its own to wait for: its number is 0. Each pair is taken once, by whoever sees it first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, and_, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from recon.model.feed import SEPARATOR
from recon.store import audit
from recon.store.definition_tables import scheduled_run
from recon.store.tables import run

INTERRUPTED: Final = "The sidecar stopped before it was done. Run the newest files by hand."
"""What a pair that was taken says until it is known what became of it."""

LONGEST: Final = timedelta(minutes=30)
"""After that, whoever took a pair is not at it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two files that wait for their run, and in whose name it is asked for."""

    reconciliation_id: int
    reconciliation: str
    actor: str
    source_file_id: int
    reference_file_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What became of a pair and nobody was told of yet: a run that failed, or none, and why."""

    reconciliation_id: int
    run_id: int | None


def due(conn: Connection, *, settle_seconds: float) -> tuple[Pair, ...]:
    """The pairs that wait, none of whose files came within the last seconds: a person may be at them."""
    rows = conn.execute(text(_DUE), {"separator": SEPARATOR, "settle_seconds": settle_seconds})
    return tuple(Pair(**row._mapping) for row in rows)


def begin(conn: Connection, pair: Pair) -> bool:
    """Take the pair, for good; False when another sidecar has it."""
    added = upsert(scheduled_run).values(**_names(pair), error_text=INTERRUPTED).on_conflict_do_nothing()
    return conn.execute(added.returning(scheduled_run.c.at)).first() is not None


def conclude(conn: Connection, pair: Pair, *, run_id: int | None, error_text: str | None) -> None:
    """Write down what became of a pair that was taken: its run, or why there is none."""
    this = [scheduled_run.c[name] == value for name, value in _names(pair).items()]
    conn.execute(update(scheduled_run).where(*this).values(run_id=run_id, error_text=error_text))
    subject = f"run {run_id}" if run_id is not None else f"reconciliation {pair.reconciliation_id}"
    action = "run_asked_for_by_itself" if run_id is not None else "run_by_itself_held_up"
    detail = {"files": [pair.source_file_id, pair.reference_file_id], "reason": error_text}
    audit.record(conn, actor=pair.actor, action=action, subject=subject, detail=detail)


def take_ended(conn: Connection) -> tuple[Ended, ...]:
    """What ended badly and was not told yet; it counts as told once the transaction commits."""
    s = scheduled_run.c
    is_over = or_(IS_HELD_UP, run.c.status.not_in(("queued", "running")))
    rows = conn.execute(
        select(s.reconciliation_id, s.source_file_id, s.reference_file_id, s.run_id, run.c.status)
        .join_from(scheduled_run, run, run.c.id == s.run_id, isouter=True)
        .where(s.told_at.is_(None), is_over)
        .order_by(s.at)
        .with_for_update(of=scheduled_run, skip_locked=True)
    ).all()
    for row in rows:
        its = (s.reconciliation_id == row.reconciliation_id, s.source_file_id == row.source_file_id)
        this = update(scheduled_run).where(*its, s.reference_file_id == row.reference_file_id)
        conn.execute(this.values(told_at=func.clock_timestamp()))
    return tuple(
        Ended(reconciliation_id=row.reconciliation_id, run_id=row.run_id)
        for row in rows
        if row.run_id is None or row.status == "failed"
    )


IS_HELD_UP: Final = and_(
    scheduled_run.c.run_id.is_(None),
    or_(scheduled_run.c.error_text != INTERRUPTED, scheduled_run.c.at < func.clock_timestamp() - LONGEST),
)
"""Whether there is no run of a pair, and nobody is at it any more."""


def _names(pair: Pair) -> dict[str, int]:
    names = ("reconciliation_id", "source_file_id", "reference_file_id")
    return {name: getattr(pair, name) for name in names}


_DUE: Final = """
with side (name) as (values ('source'), ('reference')),
newest as (
    select r.id, r.name as reconciliation, r.runs_itself_by, side.name as side, file.*
      from reconciliation r cross join side
      join feed on feed.name = r.name || :separator || side.name
     cross join lateral (
           select f.id as file_id, f.upload_id, f.came_at, upload.address from feed_file f
             join upload on upload.id = f.upload_id
            where f.feed_id = feed.id and f.set_aside_at is null order by f.id desc limit 1) as file
     where r.runs_itself_by is not null),
judged as (
    select newest.*,
           not exists (select from run join reading
                           on reading.id = case side when 'source' then run.source_reading_id
                                                     else run.reference_reading_id end
                        where run.reconciliation_id = newest.id and reading.upload_id = newest.upload_id) as is_new
      from newest)
select source.id as reconciliation_id, source.reconciliation, source.runs_itself_by as actor,
       case when source.address is null then source.file_id else 0 end as source_file_id,
       case when reference.address is null then reference.file_id else 0 end as reference_file_id
  from judged source join judged reference on reference.id = source.id
 where source.side = 'source' and reference.side = 'reference'
   and (source.address is null or reference.address is null)
   and (source.address is not null or source.is_new) and (reference.address is not null or reference.is_new)
   and greatest(source.came_at, reference.came_at) < clock_timestamp() - make_interval(secs => :settle_seconds)
   and not exists (select from scheduled_run s where s.reconciliation_id = source.id
                      and s.source_file_id = case when source.address is null then source.file_id else 0 end
                      and s.reference_file_id = case when reference.address is null then reference.file_id else 0 end)
 order by source.id
"""
