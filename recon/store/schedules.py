"""The timetable: which checks are due how often, their slots, and who works on one.

A slot is planned once, whoever plans it: its row is unique. It goes waiting -> running -> done | failed, and back to
waiting when whoever worked on it stopped. Each claim is a new attempt with a lease; what an attempt says later names
the attempt, so one that lost its lease changes nothing. All times are the database's. Every function runs in its
caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, DateTime, Function, and_, func, not_, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from recon.model.checks import Category
from recon.model.schedule import Schedule, due
from recon.store.schedule_tables import check_schedule, check_slot

MAX_ATTEMPTS: Final = 3
AGAIN_AFTER: Final = timedelta(seconds=10)
"""After an attempt that broke, times the attempts so far: what broke it may pass."""

GAVE_UP: Final = (
    f"The check was started {MAX_ATTEMPTS} times and stopped each time before it was done: its process ended, took too "
    "long, or lost the database. It is due again in its next slot; the log of the sidecar says more."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotClaim:
    """The right to work on a slot, as its attempt number `attempt`, while the lease is renewed."""

    slot_id: int
    attempt: int
    check_name: str
    book: str
    slot_at: datetime


# Planning -------------------------------------------------------------------------------------------------------------


def set_schedules(conn: Connection, schedules: Iterable[Schedule]) -> None:
    """From now on exactly these checks are due, this often. What stays as it was keeps the time since when it holds."""
    rows = {(s.check.check_name, s.check.book): _schedule_row(s) for s in schedules}
    stored = conn.execute(select(*(check_schedule.c[name] for name in _TOLD))).all()
    as_it_was = {(row.check_name, row.book): row._asdict() for row in stored}
    for key, row in rows.items():
        if row != as_it_was.get(key):
            changed = insert(check_schedule).values(row)
            conn.execute(
                changed.on_conflict_do_update(index_elements=["check_name", "book"], set_={**row, "since_at": _now()})
            )
    for name, book in as_it_was.keys() - rows.keys():
        its = (check_schedule.c.check_name == name, check_schedule.c.book == book)
        conn.execute(update(check_schedule).where(*its, check_schedule.c.is_enabled).values(is_enabled=False))


def plan(conn: Connection, *, at_least_late: timedelta = timedelta(0)) -> tuple[int, ...]:
    """Add the slots that are due and not there yet, if they began so long ago. Returns the numbers of those added.

    A check whose last slot is still waited for or worked on gets none: the slots it misses meanwhile are counted.
    """
    planned = []
    for row in conn.execute(_SCHEDULES):
        found = due(row.interval, now=row.now, since=row.since_at, latest=row.latest)
        if found is None or row.now - max(found.slot_at, min(row.since_at, row.now)) < at_least_late:
            continue
        add = insert(check_slot).values(
            check_name=row.check_name,
            book=row.book,
            category=row.category,
            slot_at=found.slot_at,
            missed_count=found.missed_count,
            missed_since=found.missed_since,
        )
        slot_id = conn.execute(add.on_conflict_do_nothing().returning(check_slot.c.id)).scalar_one_or_none()
        if slot_id is not None:
            planned.append(slot_id)
    return tuple(planned)


# Working on a slot ----------------------------------------------------------------------------------------------------


def has_work(conn: Connection, *, is_external: bool) -> bool:
    """Whether a slot of that kind waits for someone."""
    return conn.execute(select(check_slot.c.id).where(*_free(is_external)).limit(1)).first() is not None


def claim(conn: Connection, *, is_external: bool, worker: str, lease_seconds: float) -> SlotClaim | None:
    """Start an attempt at the slot of that kind that waits longest; None when none does."""
    oldest = (
        select(check_slot.c.id)
        .where(*_free(is_external))
        .order_by(check_slot.c.slot_at, check_slot.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )
    row = conn.execute(
        update(check_slot)
        .where(check_slot.c.id == oldest)
        .values(
            status="running",
            attempt=check_slot.c.attempt + 1,
            worker=worker,
            started_at=_now(),
            lease_until=_now() + timedelta(seconds=lease_seconds),
        )
        .returning(
            check_slot.c.id.label("slot_id"),
            *(check_slot.c[name] for name in ("attempt", "check_name", "book", "slot_at")),
        )
    ).one_or_none()
    return None if row is None else SlotClaim(**row._mapping)


def renew(conn: Connection, claim: SlotClaim, *, lease_seconds: float) -> bool:
    """Renew the lease. False when it is lost: what the attempt finds does not count any more."""
    lease_until = _now() + timedelta(seconds=lease_seconds)
    return _change(conn, claim, check_slot.c.lease_until > _now(), lease_until=lease_until) == 1


def finish(conn: Connection, claim: SlotClaim) -> bool:
    """Record that the slot is done. False when it is not ours any more."""
    return _change(conn, claim, status="done", finished_at=_now(), **_NOBODY) == 1


def fail(conn: Connection, claim: SlotClaim, *, text: str) -> bool:
    """Record that the slot ended in an error that trying again will not mend. False when it is not ours any more."""
    return _change(conn, claim, status="failed", finished_at=_now(), error_text=text, **_NOBODY) == 1


def give_back(conn: Connection, worker: str) -> int:
    """Put back what that worker, which was asked to stop, had in hand; it uses no attempt. Returns how many slots."""
    return _release(conn, check_slot.c.worker == worker, released_count=check_slot.c.released_count + 1)


def put_back_broken(conn: Connection, worker: str) -> int:
    """Put back what that worker, which broke, had in hand, to be tried again in a while. Returns how many slots."""
    return _release(conn, check_slot.c.worker == worker, ready_at=_now() + AGAIN_AFTER * check_slot.c.attempt)


def give_up(conn: Connection) -> tuple[SlotClaim, ...]:
    """End the slots that broke in every attempt they had. Returns them as they were last claimed."""
    is_idle = or_(check_slot.c.status == "waiting", check_slot.c.lease_until < _now())
    ended = conn.execute(
        update(check_slot)
        .where(_IS_UNFINISHED, is_idle, _ATTEMPTS_USED >= MAX_ATTEMPTS)
        .values(status="failed", finished_at=_now(), error_text=GAVE_UP, **_NOBODY)
        .returning(
            check_slot.c.id.label("slot_id"),
            *(check_slot.c[name] for name in ("attempt", "check_name", "book", "slot_at")),
        )
    )
    return tuple(SlotClaim(**row._mapping) for row in ended)


def _schedule_row(schedule: Schedule) -> dict[str, Any]:
    return {
        "check_name": schedule.check.check_name,
        "book": schedule.check.book.value,
        "category": schedule.check.category.value,
        "interval": schedule.interval,
        "is_enabled": True,
    }


def _release(conn: Connection, whose: ColumnElement[bool], **values: object) -> int:
    released = update(check_slot).where(check_slot.c.status == "running", whose)
    return conn.execute(released.values(status="waiting", **_NOBODY, **values)).rowcount


def _change(conn: Connection, claim: SlotClaim, *more: ColumnElement[bool], **values: object) -> int:
    """Change the slot if it is in this attempt's hands. Returns how many rows that were: one or none."""
    mine = (check_slot.c.id == claim.slot_id, check_slot.c.attempt == claim.attempt, check_slot.c.status == "running")
    return conn.execute(update(check_slot).where(*mine, *more).values(values)).rowcount


def _free(is_external: bool) -> Sequence[ColumnElement[bool]]:
    """Waiting, or left by a worker whose lease ran out; of that kind, and with an attempt left."""
    is_waiting = and_(check_slot.c.status == "waiting", check_slot.c.ready_at <= _now())
    is_left = and_(check_slot.c.status == "running", check_slot.c.lease_until < _now())
    kind = check_slot.c.category == Category.EXTERNAL.value
    return (or_(is_waiting, is_left), kind if is_external else not_(kind), _ATTEMPTS_USED < MAX_ATTEMPTS)


def _now() -> Function[datetime]:
    return func.clock_timestamp(type_=DateTime(timezone=True))


_TOLD: Final = ("check_name", "book", "category", "interval", "is_enabled")
_NOBODY: Final[dict[str, Any]] = {"worker": None, "lease_until": None}
_IS_UNFINISHED: Final = check_slot.c.status.in_(("waiting", "running"))
_ATTEMPTS_USED: Final = check_slot.c.attempt - check_slot.c.released_count
_ITS_SLOTS: Final = and_(
    check_slot.c.check_name == check_schedule.c.check_name, check_slot.c.book == check_schedule.c.book
)
_THIS_INSTANT: Final = func.statement_timestamp(type_=DateTime(timezone=True))
"""One for all rows, so that the index is used; and not the transaction's, which began before what it set."""

_LATEST: Final = (
    select(func.max(check_slot.c.slot_at)).where(_ITS_SLOTS, check_slot.c.slot_at <= _THIS_INSTANT).scalar_subquery()
)
"""Slots in the future, left by a clock that ran ahead, wait until it is their turn: then they are there already."""

_SCHEDULES: Final = (
    select(check_schedule, _LATEST.label("latest"), _THIS_INSTANT.label("now"))
    .where(check_schedule.c.is_enabled, ~select(check_slot.c.id).where(_ITS_SLOTS, _IS_UNFINISHED).exists())
    .order_by(check_schedule.c.book, check_schedule.c.check_name)
)
