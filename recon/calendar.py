"""Business days: which days count in a country or market, what is due when, and how old a thing is in them.

A calendar is named by a code: a country (`DE`), one of its parts (`DE-BY`), a market (`XNYS`, `ECB`), or nothing, which
is Monday to Friday without holidays. Only dates are counted, so no clock, zone or summer time can shift a result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

import holidays
import numpy as np
from numpy.typing import NDArray

from recon.errors import CalendarUnknown

WEEKDAYS: Final = ""
"""The calendar of no place: Monday to Friday."""

MAX_DAYS: Final = 366
"""Business days beyond which nothing is said to be on its way any more."""

_YEARS: Final = 10
_PROBE_YEAR: Final = 2026
_REACH: Final = timedelta(days=2 * MAX_DAYS)

Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The business days of one place. Dates in columns are numpy `datetime64[D]`."""

    code: str

    def is_business_day(self, day: date) -> bool:
        """Whether people work there on this day."""
        return bool(np.is_busday(np.datetime64(day, "D"), busdaycal=_days(self.code, *_decades(day, day))))

    def due(self, days: Days, business_days: int) -> Days:
        """T+n of each date: a day nobody works on counts as the next business day, then so many more."""
        assert 0 <= business_days <= MAX_DAYS
        if not len(days):
            return days
        known = _days(self.code, *_decades(days.min().item(), days.max().item() + _REACH))
        result: Days = np.busday_offset(days, business_days, roll="forward", busdaycal=known)
        return result

    def due_on(self, day: date, business_days: int) -> date:
        """T+n of one date."""
        due: date = self.due(np.array([day], "datetime64[D]"), business_days)[0].item()
        return due

    def age(self, since: date, as_of: date) -> int:
        """Business days after `since` up to and including `as_of`; 0 before."""
        if as_of <= since:
            return 0
        known = _days(self.code, *_decades(since, as_of))
        first, end = (np.datetime64(day + timedelta(days=1), "D") for day in (since, as_of))
        return int(np.busday_count(first, end, busdaycal=known))

    def ages(self, since: Days, as_of: date) -> NDArray[np.int64]:
        """The age of each date, as `age` counts it."""
        if not len(since):
            return np.zeros(0, np.int64)
        known = _days(self.code, *_decades(min(since.min().item(), as_of), as_of))
        counted = np.busday_count(since + 1, np.datetime64(as_of, "D") + 1, busdaycal=known)
        return np.maximum(counted, 0)


def calendar_of(code: str | None) -> Calendar:
    """The calendar of that code, in any case; none is `WEEKDAYS`. Raises `CalendarUnknown`."""
    wanted = (code or WEEKDAYS).strip().upper()
    if wanted:
        _holidays(wanted, _PROBE_YEAR, _PROBE_YEAR)
    return Calendar(code=wanted)


def _decades(first: date, last: date) -> tuple[int, int]:
    """First and last year to know, in steps of ten years, so that few calendars are made."""
    return first.year // _YEARS * _YEARS, last.year // _YEARS * _YEARS + _YEARS - 1


@lru_cache(maxsize=64)
def _days(code: str, first_year: int, last_year: int) -> np.busdaycalendar:
    if not code:
        return np.busdaycalendar()
    known = _holidays(code, first_year, last_year)
    first = date(first_year, 1, 1)
    count = (date(last_year, 12, 31) - first).days + 1
    every = (first + timedelta(days=number) for number in range(count))
    return np.busdaycalendar(weekmask="1111111", holidays=[day for day in every if not known.is_working_day(day)])


def _holidays(code: str, first_year: int, last_year: int) -> Any:
    """The library's own calendar, which knows weekends that changed and Saturdays that were worked."""
    years = range(first_year, last_year + 1)
    place, _, part = code.partition("-")
    try:
        if len(place) == 2:
            return holidays.country_holidays(place, subdiv=part or None, years=years)
        return holidays.financial_holidays(place, years=years)
    except NotImplementedError:
        raise CalendarUnknown(code) from None
