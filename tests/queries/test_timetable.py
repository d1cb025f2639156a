"""The timetable says when a check was made, when it is due, and that it is overdue when nobody makes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, func, insert, select, update

from recon.model.checks import Category, CheckBook
from recon.model.schedule import Schedule, ScheduledCheck
from recon.queries.timetable import CheckClock, check_clocks, overdue_checks
from recon.store import schedules
from recon.store.schedule_tables import check_schedule, check_slot

HOUR = timedelta(hours=1)


def tell(engine: Engine, *, since: timedelta, interval: timedelta = HOUR) -> datetime:
    """One check is on the timetable since so long ago; returns the start of the current slot."""
    check = ScheduledCheck(check_name="account_totals", book=CheckBook.UAE, category=Category.DERIVATION)
    with engine.begin() as conn:
        schedules.set_schedules(conn, [Schedule(check=check, interval=interval)])
        now: datetime = conn.execute(
            update(check_schedule).values(since_at=func.now() - since).returning(func.now())
        ).scalar_one()
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def slot(engine: Engine, slot_at: datetime, status: str = "done", *, missed_count: int = 0) -> None:
    with engine.begin() as conn:
        conn.execute(
            insert(check_slot).values(
                check_name="account_totals",
                book="uae",
                category="B",
                slot_at=slot_at,
                status=status,
                finished_at=slot_at if status in ("done", "failed") else None,
                missed_count=missed_count,
                missed_since=slot_at if missed_count else None,
            )
        )


def clock(engine: Engine) -> CheckClock:
    (found,) = check_clocks(engine)
    return found


def test_a_desk_without_a_sidecar_has_no_timetable(engine: Engine) -> None:
    assert check_clocks(engine) == ()


def test_a_check_made_in_its_slot_is_due_in_the_next(engine: Engine) -> None:
    current = tell(engine, since=9 * HOUR)
    slot(engine, current - HOUR)
    slot(engine, current)
    found = clock(engine)
    assert (found.next_due_at, found.last_done_at, found.status) == (current + HOUR, current, "done")
    assert not found.is_overdue


def test_a_check_nobody_made_is_overdue_since_its_first_slot(engine: Engine) -> None:
    current = tell(engine, since=9 * HOUR)
    slot(engine, current - 5 * HOUR)
    found = clock(engine)
    assert found.is_overdue
    assert found.next_due_at == current - 4 * HOUR


def test_overdue_checks_come_the_longest_due_first(engine: Engine) -> None:
    assert overdue_checks(engine) == ()
    current = tell(engine, since=9 * HOUR)
    slot(engine, current)
    assert overdue_checks(engine) == ()
    late = [ScheduledCheck(check_name=name, book=CheckBook.UAE, category=Category.INTERNAL) for name in ("a", "b")]
    with engine.begin() as conn:
        schedules.set_schedules(conn, [Schedule(check=check, interval=HOUR) for check in late])
        for name, hours in (("a", 5), ("b", 9)):
            since = func.now() - hours * HOUR
            conn.execute(update(check_schedule).where(check_schedule.c.check_name == name).values(since_at=since))
    assert [clock.check_name for clock in overdue_checks(engine)] == ["b", "a"]


def test_a_slot_that_waits_or_was_given_up_is_not_done(engine: Engine) -> None:
    current = tell(engine, since=9 * HOUR)
    slot(engine, current - 3 * HOUR, "done")
    slot(engine, current - 2 * HOUR, "failed")
    assert (clock(engine).is_overdue, clock(engine).status) == (True, "failed")
    slot(engine, current - HOUR, "waiting")
    assert (clock(engine).is_overdue, clock(engine).status) == (True, "waiting")


def test_a_check_just_put_on_the_timetable_is_due_but_not_overdue(engine: Engine) -> None:
    tell(engine, since=timedelta(seconds=10))
    found = clock(engine)
    assert not found.is_overdue
    assert found.next_due_at is not None
    assert (found.last_done_at, found.status) == (None, None)


def test_a_check_that_is_switched_off_is_neither_due_nor_overdue(engine: Engine) -> None:
    tell(engine, since=9 * HOUR)
    with engine.begin() as conn:
        schedules.set_schedules(conn, [])
    found = clock(engine)
    assert (found.is_enabled, found.next_due_at, found.is_overdue) == (False, None, False)


def test_slots_missed_in_the_last_week_are_counted(engine: Engine) -> None:
    current = tell(engine, since=900 * HOUR)
    slot(engine, current - 400 * HOUR, missed_count=50)
    slot(engine, current - 4 * HOUR, missed_count=3)
    slot(engine, current, missed_count=2)
    assert clock(engine).missed_count == 5


def test_it_is_the_databases_clock_that_counts(engine: Engine) -> None:
    current = tell(engine, since=9 * HOUR)
    with engine.connect() as conn:
        now = conn.execute(select(func.now())).scalar_one()
    slot(engine, current)
    due = clock(engine).next_due_at
    assert due is not None
    assert timedelta(0) < due - now <= HOUR
