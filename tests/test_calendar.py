"""Business days: weekends, holidays, weekends that moved, and days on which the clocks change."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.calendar import calendar_of
from recon.errors import CalendarUnknown

DAYS = st.dates(date(2015, 1, 1), date(2040, 12, 31))
CODES = st.sampled_from(["", "DE", "US", "AE", "DE-BY", "XNYS", "ECB"])


@pytest.mark.parametrize(
    ("code", "day", "business_days", "due"),
    [
        ("", date(2026, 3, 6), 0, date(2026, 3, 6)),  # a Friday
        ("", date(2026, 3, 6), 1, date(2026, 3, 9)),
        ("", date(2026, 3, 7), 0, date(2026, 3, 9)),  # a Saturday counts as Monday
        ("", date(2026, 3, 7), 2, date(2026, 3, 11)),
        ("DE", date(2026, 4, 2), 1, date(2026, 4, 7)),  # Good Friday and Easter Monday
        ("US", date(2026, 4, 2), 1, date(2026, 4, 3)),
        ("DE-BY", date(2026, 1, 5), 1, date(2026, 1, 7)),  # Epiphany is a holiday in Bavaria,
        ("DE-BE", date(2026, 1, 5), 1, date(2026, 1, 6)),  # but not in Berlin
        ("XNYS", date(2026, 7, 2), 1, date(2026, 7, 6)),  # 4 July is a Saturday: kept on the Friday
        ("ECB", date(2026, 12, 24), 1, date(2026, 12, 28)),
        ("SA", date(2026, 3, 5), 1, date(2026, 3, 8)),  # Friday and Saturday are the weekend
        ("AE", date(2020, 3, 5), 1, date(2020, 3, 8)),  # so it was in the Emirates,
        ("AE", date(2026, 3, 5), 1, date(2026, 3, 6)),  # until 2022
    ],
)
def test_what_is_due_when_depends_on_the_place(code: str, day: date, business_days: int, due: date) -> None:
    assert calendar_of(code).due_on(day, business_days) == due


@pytest.mark.parametrize("day", [date(2026, 3, 27), date(2026, 10, 23)])
def test_a_weekend_on_which_the_clocks_change_is_a_weekend_like_any_other(day: date) -> None:
    assert calendar_of("DE").due_on(day, 1) == day + timedelta(days=3)
    assert calendar_of("DE").age(day, day + timedelta(days=3)) == 1


def test_age_counts_the_business_days_since() -> None:
    weekdays = calendar_of(None)
    friday = date(2026, 3, 6)
    assert [weekdays.age(friday, friday + timedelta(days=days)) for days in (-1, 0, 1, 2, 3, 4)] == [0, 0, 0, 0, 1, 2]


@given(CODES, DAYS, st.integers(0, 30))
def test_what_is_due_in_n_days_is_n_days_old_when_due(code: str, day: date, count: int) -> None:
    calendar = calendar_of(code)
    begin = calendar.due_on(day, 0)
    due = calendar.due_on(day, count)
    assert calendar.is_business_day(due)
    assert calendar.age(begin, due) == count


@given(CODES, DAYS, DAYS, DAYS)
def test_ages_add_up(code: str, one: date, two: date, three: date) -> None:
    first, middle, last = sorted((one, two, three))
    calendar = calendar_of(code)
    assert calendar.age(first, middle) + calendar.age(middle, last) == calendar.age(first, last)


def test_a_column_is_counted_as_its_dates_are() -> None:
    calendar = calendar_of("GB")
    days = [date(2026, 12, 20) + timedelta(days=number) for number in range(20)]
    due = calendar.due(np.array(days, "datetime64[D]"), 3)
    assert due.tolist() == [calendar.due_on(day, 3) for day in days]
    assert not len(calendar.due(np.array([], "datetime64[D]"), 3))
    today = date(2027, 1, 4)
    assert calendar.ages(np.array(days, "datetime64[D]"), today).tolist() == [calendar.age(day, today) for day in days]
    assert not len(calendar.ages(np.array([], "datetime64[D]"), today))


@pytest.mark.parametrize("code", ["QQ", "DE-QQ", "NOWHERE", "D"])
def test_an_unknown_calendar_is_told(code: str) -> None:
    with pytest.raises(CalendarUnknown, match=code):
        calendar_of(code)


def test_a_code_is_read_in_any_case() -> None:
    assert calendar_of(" de-by ") == calendar_of("DE-BY")
