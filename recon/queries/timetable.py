"""When each check was last made and is next due, and whether that is overdue, all by the database's clock.

The sidecar wrote down what it was told (`check_schedule`); where no sidecar ever planned, there is nothing here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import DateTime, Engine, Interval, Select, and_, cast, func, literal, select, true

from recon.model.checks import Category, CheckBook
from recon.model.schedule import is_overdue, next_due
from recon.store.schedule_tables import check_schedule, check_slot

MISSED_WITHIN: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckClock:
    """How a check stands with the timetable.

    `next_due_at` lies in the past while the check is due and not made; None for a check that is switched off. `status`
    is that of its latest slot: waiting, running, done or failed; None when it has none. `missed_count` counts the slots
    of the last seven days nobody worked on.
    """

    check_name: str
    book: CheckBook
    category: Category
    interval: timedelta
    is_enabled: bool
    last_done_at: datetime | None
    next_due_at: datetime | None
    is_overdue: bool
    status: str | None
    missed_count: int


def check_clocks(engine: Engine) -> tuple[CheckClock, ...]:
    """Every check the sidecar was ever told of, by book and name."""
    with engine.connect() as conn:
        return tuple(_clock(row) for row in conn.execute(_CLOCKS))


def overdue_checks(engine: Engine) -> tuple[CheckClock, ...]:
    """The checks that should have been made by now, the one that is longest due first."""
    late = [(c.next_due_at, c) for c in check_clocks(engine) if c.is_overdue and c.next_due_at is not None]
    return tuple(clock for _, clock in sorted(late, key=itemgetter(0)))


def _clock(row: Any) -> CheckClock:
    since = min(row.since_at, row.now)
    due = next_due(row.interval, since=since, latest=row.latest_done)
    late = is_overdue(row.interval, now=row.now, since=since, latest=row.latest_done)
    return CheckClock(
        check_name=row.check_name,
        book=CheckBook(row.book),
        category=Category(row.category),
        interval=row.interval,
        is_enabled=row.is_enabled,
        last_done_at=row.last_done_at,
        next_due_at=max(due, since) if row.is_enabled else None,
        is_overdue=row.is_enabled and late,
        status=row.status,
        missed_count=int(row.missed_count),
    )


_NOW: Final = func.statement_timestamp(type_=DateTime(timezone=True))
_ITS_SLOTS: Final = and_(
    check_slot.c.check_name == check_schedule.c.check_name, check_slot.c.book == check_schedule.c.book
)


def _latest(*columns: Any) -> Select[Any]:
    its = select(*columns).where(_ITS_SLOTS, check_slot.c.slot_at <= _NOW)
    return its.order_by(check_slot.c.slot_at.desc()).limit(1)


_DONE: Final = (
    _latest(check_slot.c.slot_at.label("latest_done"), check_slot.c.finished_at.label("last_done_at"))
    .where(check_slot.c.status == "done")
    .lateral("done")
)
_LAST: Final = _latest(check_slot.c.status).lateral("last")
_MISSED: Final = (
    select(func.coalesce(func.sum(check_slot.c.missed_count), 0).label("missed_count"))
    .where(_ITS_SLOTS, check_slot.c.slot_at > _NOW - cast(literal(MISSED_WITHIN), Interval))
    .lateral("missed")
)
_CLOCKS: Final = (
    select(check_schedule, _DONE.c.latest_done, _DONE.c.last_done_at, _LAST.c.status, _MISSED.c.missed_count)
    .add_columns(_NOW.label("now"))
    .select_from(check_schedule.outerjoin(_DONE, true()).outerjoin(_LAST, true()).join(_MISSED, true()))
    .order_by(check_schedule.c.book, check_schedule.c.check_name)
)
