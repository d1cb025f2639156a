"""The desk plans and starts processes, and never waits for a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, select, update

from recon.config import Settings
from recon.model.checks import Category, CheckBook
from recon.model.schedule import ScheduledCheck
from recon.store.schedule_tables import check_schedule, check_slot
from recon.store.schedules import SlotClaim
from recon.worker.check_desk import CheckDesk
from recon.worker.timetable import Timetable

CHECKS = tuple(
    ScheduledCheck(check_name=name, book=CheckBook.UAE, category=category)
    for name, category in (("a", Category.INTERNAL), ("b", Category.LIFECYCLE), ("c", Category.EXTERNAL))
)
HANGS = ("sh", "-c", "exec sleep 60")
BREAKS = ("sh", "-c", "exit 3")

MakeDesk = Callable[..., CheckDesk]


@pytest.fixture
def make_desk(engine: Engine, settings: Settings) -> Iterator[MakeDesk]:
    made: list[CheckDesk] = []

    def make(child: tuple[str, ...] = HANGS, *, delay: float = 0, is_enabled: bool = True) -> CheckDesk:
        def record(_conn: Connection, claim: SlotClaim) -> None:
            raise AssertionError(claim)

        told = {"schedule_initial_delay_seconds": delay, "schedule_enabled": is_enabled}
        timetable = Timetable(checks=CHECKS, child=child, record_given_up=record)
        desk = CheckDesk(engine, settings.model_copy(update=told), timetable)
        made.append(desk)
        return desk

    yield make
    for desk in made:
        desk.stop()


def planned(engine: Engine) -> list[str]:
    with engine.connect() as conn:
        return list(conn.execute(select(check_slot.c.check_name).order_by(check_slot.c.check_name)).scalars())


def children(desk: CheckDesk) -> dict[str, int]:
    return {lane: child.process.pid for lane, child in desk._children.items()}


def test_a_tick_starts_one_process_a_lane_and_leaves_it_alone_while_it_works(
    make_desk: MakeDesk, engine: Engine
) -> None:
    desk = make_desk()
    desk.tick()
    first = children(desk)
    assert set(first) == {"internal", "external"}
    assert planned(engine) == ["a", "b", "c"]
    desk.tick()
    assert children(desk) == first


def test_nothing_is_planned_before_the_initial_delay_is_over(make_desk: MakeDesk, engine: Engine) -> None:
    desk = make_desk(delay=60)
    desk.tick()
    assert (planned(engine), children(desk)) == ([], {})


def test_a_sidecar_told_to_make_no_checks_plans_none(make_desk: MakeDesk, engine: Engine) -> None:
    desk = make_desk(is_enabled=False)
    desk.tick()
    assert planned(engine) == []


def test_a_process_that_ended_is_followed_by_another_while_slots_wait(make_desk: MakeDesk) -> None:
    desk = make_desk(BREAKS)
    desk.tick()
    first = children(desk)
    for child in desk._children.values():
        child.process.wait()
    desk.tick()
    assert set(children(desk)) == set(first)
    assert not set(children(desk).values()) & set(first.values())


def test_once_stopped_a_desk_starts_nothing_and_its_processes_are_gone(make_desk: MakeDesk, engine: Engine) -> None:
    desk = make_desk()
    desk.tick()
    processes = [child.process for child in desk._children.values()]
    desk.stop()
    assert all(process.poll() is not None for process in processes)
    with engine.begin() as conn:
        conn.execute(check_slot.delete())
    desk.tick()
    assert planned(engine) == []


def test_who_does_not_lead_plans_only_what_the_leader_left_for_long(make_desk: MakeDesk, engine: Engine) -> None:
    leader, follower = make_desk(), make_desk()
    leader.tick()
    with engine.begin() as conn:
        conn.execute(check_slot.delete())
    follower.tick()
    assert planned(engine) == []
    with engine.begin() as conn:  # one long slot, due since yesterday
        yesterday = check_schedule.c.since_at - timedelta(days=1)
        conn.execute(update(check_schedule).values(since_at=yesterday, interval=timedelta(days=50_000)))
    follower.tick()
    assert planned(engine) == ["a", "b", "c"]
