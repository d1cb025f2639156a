"""What waits for a person: runs that failed or wait, checks that fail, what is overdue, what is to be approved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from recon.model.checks import CheckBook, CheckStatus
from recon.model.people import ProposalState
from recon.queries.overview import COUNTED_ONCE, PUBLISHED_TALLIES, SIDECAR_SILENT_AFTER
from recon.queries.people import may_approve
from recon.store.definition_tables import scheduled_run
from recon.store.people_tables import proposal
from recon.store.scheduled_runs import IS_HELD_UP
from recon.store.tables import discrepancy_tally, reconciliation, run


class Concern(StrEnum):
    FAILED_RUN = "failed_run"
    STUCK_QUEUE = "stuck_queue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """A run that waits for a person; `text` is what it said where it failed."""

    concern: Concern
    run_id: int
    reconciliation: str
    at: datetime
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingCheck:
    """A check whose last run did not come out well: `variance_count` of a failing one, 0 of one in error."""

    check_name: str
    book: CheckBook
    status: CheckStatus
    finished_at: datetime
    variance_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldUp:
    """A reconciliation that should have run by itself and waits for a person; `text` says why."""

    reconciliation: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Overdue:
    """Open discrepancies of a run past the day they were due; `mine`: those that are the person's own."""

    run_id: int
    reconciliation: str
    count: int
    mine: int
    due_since: date


def attention(engine: Engine, *, now: datetime, limit: int = 5) -> tuple[Attention, ...]:
    """Reconciliations whose last run failed, then runs that wait too long for a worker."""
    with engine.connect() as connection:
        found = (_failed(connection), _waiting(connection, now))
    newest_first = (sorted(items, key=lambda item: (item.at, item.run_id), reverse=True) for items in found)
    return tuple(item for items in newest_first for item in items)[:limit]


def failing_checks(engine: Engine) -> tuple[FailingCheck, ...]:
    """Every check on a book whose last finished run failed, warned or ended in an error; the worst first."""
    with engine.connect() as connection:
        rows = connection.execute(text(_LAST_OF_EACH_CHECK)).all()
    found = [
        FailingCheck(
            check_name=row.check_name,
            book=CheckBook(row.book),
            status=CheckStatus(row.status),
            finished_at=row.finished_at,
            variance_count=row.variance_count,
        )
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: (_WORST.index(one.status), one.check_name, one.book)))


def held_up(engine: Engine) -> tuple[HeldUp, ...]:
    """Those whose new files could not be run by themselves, and that nobody has run since; the latest first."""
    s, r, other = scheduled_run.c, reconciliation.c, scheduled_run.alias("other")
    last = select(func.max(other.c.at)).where(other.c.reconciliation_id == r.id).scalar_subquery()
    ran_since = select(run.c.id).where(run.c.reconciliation_id == r.id, run.c.requested_at > s.at).exists()
    query = (
        select(r.name.label("reconciliation"), s.at, s.error_text.label("text"))
        .join_from(reconciliation, scheduled_run)
        .where(r.runs_itself_by.is_not(None), IS_HELD_UP, s.at == last, ~ran_since)
        .order_by(s.at.desc(), r.name)
    )
    with engine.connect() as connection:
        return tuple(HeldUp(**row._mapping) for row in connection.execute(query))


def overdue(
    engine: Engine, run_ids: Sequence[int], *, today: date, actor: str, owned: Sequence[str] = ()
) -> tuple[Overdue, ...]:
    """What these runs left open past its day: what is the person's own first, then the most.

    What nobody is assigned to is the person's own in the reconciliations they own.
    """
    tally, r = discrepancy_tally.c, reconciliation.c
    is_mine = (tally.assignee == actor) | (tally.assignee.is_(None) & r.name.in_(owned))
    count = func.sum(tally.row_count)
    by_day = (
        select(run.c.id.label("run_id"), r.name.label("reconciliation"), tally.due_on, count.label("count"))
        .add_columns(func.coalesce(count.filter(is_mine), 0).label("mine"))
        .join_from(run, discrepancy_tally, PUBLISHED_TALLIES)
        .join(reconciliation, r.id == run.c.reconciliation_id)
        .where(run.c.id.in_(run_ids), tally.status == "open", tally.due_on < today, COUNTED_ONCE)
        .group_by(run.c.id, r.name, tally.due_on)
        .having(count > 0)  # a tally may stand for rows that are no longer so: only sums count
        .subquery()
    )
    query = select(
        by_day.c.run_id,
        by_day.c.reconciliation,
        func.sum(by_day.c.count).label("count"),
        func.sum(by_day.c.mine).label("mine"),
        func.min(by_day.c.due_on).label("due_since"),
    ).group_by(by_day.c.run_id, by_day.c.reconciliation)
    with engine.connect() as connection:
        rows = connection.execute(query).mappings().all()
    found = [Overdue(**{**row, "count": int(row["count"]), "mine": int(row["mine"])}) for row in rows]
    return tuple(sorted(found, key=lambda one: (-one.mine, -one.count, one.run_id)))


def to_approve(engine: Engine, *, actor: str) -> int:
    """How many proposals of others wait for this person; none for somebody who may not approve."""
    if not may_approve(engine, actor):
        return 0
    p = proposal.c
    waits = (p.state == ProposalState.OPEN.value, p.expires_at > func.clock_timestamp(), p.proposed_by != actor)
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(proposal).where(*waits)).scalar_one()


_WORST: Final = (CheckStatus.ERROR, CheckStatus.FAIL, CheckStatus.WARN, CheckStatus.OK)

_LAST_OF_EACH_CHECK: Final = """
select c.check_name, c.book, last.status, last.finished_at, last.variance_count
  from check_schedule c
 cross join lateral (select status, finished_at, variance_count from check_run r
                      where r.check_name = c.check_name and r.book = c.book and r.finished_at is not null
                      order by r.id desc limit 1) as last
 where c.is_enabled and last.status <> 'ok'
"""


def _failed(connection: Connection) -> list[Attention]:
    """Reconciliations whose last run failed."""
    last = (
        select(run.c.id, run.c.status, run.c.finished_at, run.c.error_text, reconciliation.c.name)
        .join_from(run, reconciliation)
        .ext(distinct_on(run.c.reconciliation_id))
        .order_by(run.c.reconciliation_id, run.c.id.desc())
        .subquery()
    )
    return [
        Attention(
            concern=Concern.FAILED_RUN, run_id=row.id, reconciliation=row.name, at=row.finished_at, text=row.error_text
        )
        for row in connection.execute(select(last).where(last.c.status == "failed"))
    ]


def _waiting(connection: Connection, now: datetime) -> list[Attention]:
    query = (
        select(run.c.id, run.c.requested_at, reconciliation.c.name)
        .join_from(run, reconciliation)
        .where(run.c.status == "queued", run.c.requested_at < now - SIDECAR_SILENT_AFTER)
    )
    return [
        Attention(concern=Concern.STUCK_QUEUE, run_id=row.id, reconciliation=row.name, at=row.requested_at)
        for row in connection.execute(query)
    ]
