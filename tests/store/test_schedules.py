"""A slot is planned once and worked on by one; a sidecar that stops leaves it to another."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, func, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import DBAPIError

from recon.model.checks import Category, CheckBook
from recon.model.schedule import Schedule, ScheduledCheck, slot_of
from recon.store import roles, schedules
from recon.store.leader import Leader
from recon.store.schedule_tables import check_schedule, check_slot
from recon.store.schedules import SlotClaim

HOUR = timedelta(hours=1)
AGES = 100_000 * HOUR


def schedule(
    name: str = "account_totals", *, interval: timedelta = HOUR, category: Category = Category.DERIVATION
) -> Schedule:
    check = ScheduledCheck(check_name=name, book=CheckBook.UAE, category=category)
    return Schedule(check=check, interval=interval)


def plan(engine: Engine, *wanted: Schedule, at_least_late: timedelta = timedelta(0)) -> int:
    """Set these schedules and plan what is due; how many slots were added."""
    with engine.begin() as conn:
        schedules.set_schedules(conn, wanted)
        return len(schedules.plan(conn, at_least_late=at_least_late))


def claim(
    engine: Engine, *, lease_seconds: float = 60, is_external: bool = False, worker: str = "w"
) -> SlotClaim | None:
    with engine.begin() as conn:
        return schedules.claim(conn, is_external=is_external, worker=worker, lease_seconds=lease_seconds)


def finish(engine: Engine, found: SlotClaim | None) -> bool:
    assert found is not None
    with engine.begin() as conn:
        return schedules.finish(conn, found)


def shift(engine: Engine, by: timedelta) -> None:
    """As if schedules and slots had been made so much earlier."""
    with engine.begin() as conn:
        conn.execute(update(check_schedule).values(since_at=check_schedule.c.since_at - by))
        for name in ("slot_at", "ready_at", "lease_until", "planned_at"):
            for part in (AGES, by - AGES):  # no slot may pass over the place of another
                conn.execute(update(check_slot).values({name: check_slot.c[name] - part}))


def slots(engine: Engine) -> list[tuple[str, int]]:
    """Status and missed slots, oldest first."""
    with engine.connect() as conn:
        query = select(check_slot.c.status, check_slot.c.missed_count).order_by(check_slot.c.slot_at)
        return [tuple(row) for row in conn.execute(query)]


def test_the_current_slot_is_planned_once_whoever_plans(engine: Engine) -> None:
    plan(engine, schedule())
    finish(engine, claim(engine))
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(lambda _: plan(engine, schedule()), range(6))) == [0] * 6
    with engine.connect() as conn:
        (slot_at, now) = conn.execute(select(check_slot.c.slot_at, func.now())).one()
    assert slot_at == slot_of(now, HOUR)


def test_of_many_who_plan_at_once_one_adds_the_slot(engine: Engine) -> None:
    plan(engine, *[schedule(f"check_{n}") for n in range(5)])
    with engine.begin() as conn:
        conn.execute(check_slot.delete())

    def plan_now(_: int) -> int:
        with engine.begin() as conn:
            return len(schedules.plan(conn))

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(plan_now, range(4))) == 5
    assert slots(engine) == [("waiting", 0)] * 5


def test_slots_nobody_worked_on_are_counted_beside_the_one_that_makes_up_for_them(engine: Engine) -> None:
    plan(engine, schedule())
    finish(engine, claim(engine))
    shift(engine, 5 * HOUR)
    assert plan(engine, schedule()) == 1
    assert slots(engine) == [("done", 0), ("waiting", 4)]
    with engine.connect() as conn:
        first, since = conn.execute(select(func.min(check_slot.c.slot_at), func.max(check_slot.c.missed_since))).one()
    assert since == first + HOUR


def test_a_check_still_at_work_gets_no_second_slot_and_what_it_misses_is_counted(engine: Engine) -> None:
    plan(engine, schedule())
    at_work = claim(engine, lease_seconds=10**6)
    shift(engine, 3 * HOUR)
    assert plan(engine, schedule()) == 0
    finish(engine, at_work)
    assert plan(engine, schedule()) == 1
    assert slots(engine) == [("done", 0), ("waiting", 2)]


def test_a_clock_that_ran_ahead_and_came_back_stops_no_check(engine: Engine) -> None:
    plan(engine, schedule())
    finish(engine, claim(engine))
    shift(engine, -1000 * HOUR)  # made while the clock was six weeks ahead
    assert plan(engine, schedule()) == 1
    assert slots(engine) == [("waiting", 0), ("done", 0)]


def test_a_clock_that_jumps_back_repeats_no_slot(engine: Engine) -> None:
    plan(engine, schedule())
    finish(engine, claim(engine))
    shift(engine, HOUR)
    plan(engine, schedule())
    finish(engine, claim(engine))
    shift(engine, -HOUR)  # the hour comes again
    assert plan(engine, schedule()) == 0
    assert len(slots(engine)) == 2


def test_the_time_a_schedule_holds_since_changes_only_with_the_schedule(engine: Engine) -> None:
    def since() -> datetime:
        with engine.connect() as conn:
            found: datetime = conn.execute(select(check_schedule.c.since_at)).scalar_one()
            return found

    plan(engine, schedule())
    first = since()
    plan(engine, schedule())
    assert since() == first
    plan(engine, schedule(interval=2 * HOUR))
    second = since()
    assert second > first
    plan(engine)  # switched off
    plan(engine, schedule(interval=2 * HOUR))
    assert since() > second


def test_a_check_that_is_switched_off_is_not_planned(engine: Engine) -> None:
    assert plan(engine, schedule("a"), schedule("b")) == 2
    shift(engine, HOUR)
    for _ in range(2):
        finish(engine, claim(engine))
    assert plan(engine, schedule("b")) == 1


def test_who_does_not_lead_waits_a_while_before_it_plans(engine: Engine) -> None:
    assert plan(engine, schedule(), at_least_late=timedelta(seconds=30)) == 0
    shift(engine, HOUR)
    assert plan(engine, schedule(), at_least_late=timedelta(microseconds=1)) == 1


def test_each_lane_takes_its_own_slots_the_oldest_first(engine: Engine) -> None:
    plan(engine, schedule("old"), schedule("broker", category=Category.EXTERNAL))
    shift(engine, HOUR)
    plan(engine, schedule("old"), schedule("new"), schedule("broker", category=Category.EXTERNAL))
    found = [claim(engine) for _ in range(3)]
    assert [one and one.check_name for one in found] == ["old", "new", None]
    external = claim(engine, is_external=True)
    assert external is not None
    assert external.check_name == "broker"
    with engine.connect() as conn:
        assert not schedules.has_work(conn, is_external=True)


def test_two_who_claim_at_once_take_different_slots(engine: Engine) -> None:
    plan(engine, *[schedule(f"check_{n}") for n in range(6)])
    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda n: claim(engine, worker=str(n)), range(9)))
    taken = [one.slot_id for one in found if one]
    assert len(taken) == len(set(taken)) == 6


def test_the_slot_of_a_dead_worker_is_finished_by_another_and_the_dead_ones_word_counts_no_more(engine: Engine) -> None:
    plan(engine, schedule())
    dead = claim(engine, lease_seconds=0)
    second = claim(engine)
    assert dead is not None
    assert second is not None
    assert (second.slot_id, second.attempt) == (dead.slot_id, 2)
    with engine.begin() as conn:
        assert not schedules.renew(conn, dead, lease_seconds=60)
        assert not schedules.finish(conn, dead)
        assert schedules.renew(conn, second, lease_seconds=60)
    assert finish(engine, second)
    assert not finish(engine, second)


def test_a_lease_that_ran_out_is_not_renewed(engine: Engine) -> None:
    plan(engine, schedule())
    late = claim(engine, lease_seconds=0)
    assert late is not None
    with engine.begin() as conn:
        assert not schedules.renew(conn, late, lease_seconds=60)


def test_a_slot_given_back_uses_no_attempt(engine: Engine) -> None:
    plan(engine, schedule())
    for _ in range(5):
        assert claim(engine) is not None
        with engine.begin() as conn:
            assert schedules.give_back(conn, "w") == 1
            assert schedules.give_up(conn) == ()
    assert finish(engine, claim(engine))


def test_a_slot_that_breaks_every_attempt_is_given_up_after_three_and_the_next_one_runs(engine: Engine) -> None:
    plan(engine, schedule())
    for _ in range(3):
        assert claim(engine) is not None
        with engine.begin() as conn:
            assert schedules.give_up(conn) == ()
            assert schedules.put_back_broken(conn, "w") == 1
        assert claim(engine) is None  # not at once
        with engine.begin() as conn:
            conn.execute(update(check_slot).values(ready_at=func.now()))
    assert claim(engine) is None
    with engine.begin() as conn:
        (given_up,) = schedules.give_up(conn)
    assert (given_up.check_name, given_up.attempt) == ("account_totals", 3)
    assert slots(engine) == [("failed", 0)]
    shift(engine, HOUR)
    assert plan(engine, schedule()) == 1


def test_a_slot_that_ended_stays_so(engine: Engine) -> None:
    plan(engine, schedule())
    finish(engine, claim(engine))
    with pytest.raises(DBAPIError, match="done and stays so"), engine.begin() as conn:
        conn.execute(update(check_slot).values(status="waiting", finished_at=None))


def test_one_of_many_leads_and_another_when_it_resigns_or_is_cut_off(engine: Engine) -> None:
    first, second = Leader(engine), Leader(engine)
    assert first.leads()
    assert not second.leads()
    assert first.leads()
    first.resign()
    assert second.leads()
    assert not first.leads()
    with engine.begin() as conn:
        roles.as_owner(conn)
        conn.execute(text("select pg_terminate_backend(pid, 5000) from pg_locks where locktype = 'advisory'"))
    assert first.leads()
    assert not second.leads()
    first.resign()


def test_planning_all_checks_hourly_for_a_year_keeps_reading_little(engine: Engine) -> None:
    """A tick every five seconds must not read the history."""
    start = datetime(2025, 1, 1, tzinfo=UTC)
    with engine.begin() as conn:
        schedules.set_schedules(conn, [schedule(f"check_{n}") for n in range(15)])
        conn.execute(
            text("""
                insert into check_slot (check_name, book, category, slot_at, status, finished_at)
                select 'check_' || n, 'uae', 'A', :start + h * interval '1 hour', 'done', now()
                  from generate_series(0, 14) n, generate_series(0, 3000) h
            """),
            {"start": start},
        )
    with engine.begin() as conn:
        conn.execute(text("analyze check_slot"))
        plan = "\n".join(row[0] for row in conn.execute(text(f"explain (analyze, buffers, timing off) {_planning()}")))
    assert "Seq Scan on check_slot" not in plan, plan


def _planning() -> str:
    return str(schedules._SCHEDULES.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True}))
