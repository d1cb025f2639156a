"""When a feed's file is due, on the clocks of its place, and which files are missing."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from recon.feeds.arrival import due_times, expected
from recon.model.feed import Arrival, Every

DAILY = Arrival(every=Every.BUSINESS_DAY, by=time(9, 0), zone="Europe/Berlin", calendar="DE")
SINCE = datetime(2026, 3, 23, 12, 0, tzinfo=UTC)  # a Monday


def at(day: int, hour: int, minute: int = 0, *, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def test_a_business_day_is_one_of_the_calendar_and_the_hour_one_of_the_zone() -> None:
    found = list(due_times(DAILY, first=at(26, 12), last=at(9, 0, month=4)))
    assert found == [
        at(27, 8),
        at(30, 7),  # summer time began
        at(31, 7),
        at(1, 7, month=4),
        at(2, 7, month=4),
        at(7, 7, month=4),  # Good Friday and Easter Monday between
        at(8, 7, month=4),
    ]


def test_weekly_and_monthly_files() -> None:
    weekly = Arrival(every=Every.WEEK, by=time(6, 30), zone="UTC", day=5)
    assert list(due_times(weekly, first=SINCE, last=SINCE + timedelta(days=14))) == [
        at(27, 6, 30),
        at(3, 6, 30, month=4),
    ]
    monthly = Arrival(every=Every.MONTH, by=time(0, 0), zone="UTC", day=31)
    assert list(due_times(monthly, first=SINCE, last=at(30, 0, month=4))) == [at(31, 0), at(30, 0, month=4)]


def test_nothing_is_missing_before_the_first_file_is_due() -> None:
    found = expected(DAILY, since=SINCE, last_came_at=None, now=at(24, 7, 59))
    assert (found.missing, found.next_due_at) == ((), at(24, 8))


@pytest.mark.parametrize(("minute", "is_missing"), [(59, False), (60, True), (61, True)])
def test_a_file_is_missing_from_the_minute_it_was_due(minute: int, is_missing: bool) -> None:
    now = at(24, 7) + timedelta(minutes=minute)
    assert expected(DAILY, since=SINCE, last_came_at=None, now=now).is_missing is is_missing


def test_every_slot_since_the_last_file_is_missing() -> None:
    found = expected(DAILY, since=SINCE, last_came_at=at(24, 7, 30), now=at(26, 12))
    assert (found.missing, found.next_due_at) == ((at(25, 8), at(26, 8)), at(27, 8))


def test_a_file_that_came_late_ends_the_wait() -> None:
    assert expected(DAILY, since=SINCE, last_came_at=at(25, 10), now=at(25, 11)).missing == ()


def test_a_file_counts_for_the_slot_it_came_in_whichever_it_was_meant_for() -> None:
    """Tuesday's file came on Tuesday afternoon, so a Wednesday without one shows on Thursday."""
    assert expected(DAILY, since=SINCE, last_came_at=at(24, 15), now=at(25, 8, 1)).missing == ()
    assert expected(DAILY, since=SINCE, last_came_at=at(24, 15), now=at(26, 8, 1)).missing == (at(26, 8),)
