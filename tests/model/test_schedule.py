"""Slots are the same for whoever computes them; none is worked on twice, none passes unseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.model.schedule import Due, due, grace, is_overdue, next_due, slot_of

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


LONG_AGO = at("2026-01-01 00:00")
INSTANTS = st.integers(0, 10**9).map(lambda seconds: at("2000-01-01 00:00") + timedelta(seconds=seconds))
INTERVALS = st.integers(1, 200_000).map(lambda seconds: timedelta(seconds=seconds))


def test_an_hourly_slot_is_the_hour_and_a_daily_one_the_day() -> None:
    assert slot_of(at("2026-03-02 15:59:59.999"), HOUR) == at("2026-03-02 15:00")
    assert slot_of(at("2026-03-02 16:00"), HOUR) == at("2026-03-02 16:00")
    assert slot_of(at("2026-03-02 15:59"), DAY) == at("2026-03-02 00:00")


@pytest.mark.parametrize("night", ["2026-03-29", "2026-10-25"])
def test_a_night_of_changing_clocks_has_as_many_slots_as_any_other(night: str) -> None:
    first = at(night)
    minutes = (first + timedelta(minutes=minute) for minute in range(24 * 60))
    berlin = [minute.astimezone(ZoneInfo("Europe/Berlin")) for minute in minutes]
    assert len({slot_of(minute, HOUR) for minute in berlin}) == 24


def test_the_first_slot_is_due_at_once_and_missed_nothing() -> None:
    now = at("2026-03-02 15:35")
    assert due(HOUR, now=now, since=now, latest=None) == Due(
        slot_at=at("2026-03-02 15:00"), missed_count=0, missed_since=None
    )


def test_a_slot_that_is_there_is_not_due_again_until_the_next_one_begins() -> None:
    latest = at("2026-03-02 15:00")
    assert due(HOUR, now=at("2026-03-02 15:59:59"), since=LONG_AGO, latest=latest) is None
    found = due(HOUR, now=at("2026-03-02 16:00"), since=LONG_AGO, latest=latest)
    assert found == Due(slot_at=at("2026-03-02 16:00"), missed_count=0, missed_since=None)


def test_after_a_weekend_without_a_sidecar_the_current_slot_runs_and_the_others_are_counted() -> None:
    found = due(HOUR, now=at("2026-03-09 08:10"), since=LONG_AGO, latest=at("2026-03-06 18:00"))
    assert found == Due(slot_at=at("2026-03-09 08:00"), missed_count=61, missed_since=at("2026-03-06 19:00"))


def test_a_clock_that_jumps_forward_misses_slots_and_one_that_jumps_back_repeats_none() -> None:
    latest = at("2026-03-02 15:00")
    forward = due(HOUR, now=at("2026-03-02 20:05"), since=LONG_AGO, latest=latest)
    assert forward is not None
    assert forward.missed_count == 4
    assert due(HOUR, now=at("2026-03-02 14:50"), since=LONG_AGO, latest=latest) is None


def test_a_shorter_interval_counts_from_when_it_was_set() -> None:
    set_at = at("2026-03-02 15:35")
    found = due(timedelta(minutes=10), now=at("2026-03-02 15:36"), since=set_at, latest=at("2026-03-02 15:00"))
    assert found == Due(slot_at=at("2026-03-02 15:30"), missed_count=0, missed_since=None)


def test_a_longer_interval_waits_for_its_next_slot() -> None:
    set_at, latest = at("2026-03-02 15:35"), at("2026-03-02 15:30")
    assert due(HOUR, now=at("2026-03-02 15:59"), since=set_at, latest=latest) is None
    assert due(HOUR, now=at("2026-03-02 16:01"), since=set_at, latest=latest) is not None


def test_slots_that_passed_while_checks_were_switched_off_were_not_missed() -> None:
    found = due(HOUR, now=at("2026-03-02 15:40"), since=at("2026-03-02 15:35"), latest=at("2026-02-01 10:00"))
    assert found == Due(slot_at=at("2026-03-02 15:00"), missed_count=0, missed_since=None)


@given(INSTANTS, INTERVALS, st.integers(0, 10**6), st.integers(0, 10**7))
def test_every_slot_between_two_others_is_worked_on_or_counted(
    since: datetime, interval: timedelta, earlier: int, later: int
) -> None:
    latest = slot_of(since + timedelta(seconds=earlier), interval)
    now = since + timedelta(seconds=earlier + later)
    found = due(interval, now=now, since=since, latest=latest)
    between = (slot_of(now, interval) - latest) // interval
    assert (0 if found is None else found.missed_count + 1) == between


@pytest.mark.parametrize(
    ("interval", "late"),
    [(timedelta(seconds=10), timedelta(minutes=1)), (HOUR, timedelta(minutes=6)), (DAY, timedelta(minutes=15))],
)
def test_a_check_is_overdue_after_a_tenth_of_its_interval(interval: timedelta, late: timedelta) -> None:
    assert grace(interval) == late
    latest = slot_of(at("2026-03-02 00:00"), interval)
    begun = next_due(interval, since=LONG_AGO, latest=latest)
    assert not is_overdue(interval, now=begun - late, since=LONG_AGO, latest=latest)
    assert not is_overdue(interval, now=begun + late, since=LONG_AGO, latest=latest)
    assert is_overdue(interval, now=begun + late + timedelta(seconds=1), since=LONG_AGO, latest=latest)


def test_a_check_never_made_is_overdue_a_while_after_it_was_first_scheduled() -> None:
    since = at("2026-03-02 15:35")
    assert not is_overdue(HOUR, now=since + timedelta(minutes=5), since=since, latest=None)
    assert is_overdue(HOUR, now=since + timedelta(minutes=7), since=since, latest=None)
