"""Year, month and day of many rows at once: are they a day of the calendar, in the range we accept, and which one.

Nothing is repaired: 30 February is no day. The range catches mistyped years and placeholders such as 9999-12-31.
"""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from recon.ingest.date_text import DateOrder, DateText
from recon.ingest.shapes import Shapes

FIRST_YEAR: Final = 1990
YEARS_AHEAD: Final = 2
"""Dates are accepted from FIRST_YEAR to the same day YEARS_AHEAD years from now."""

Rows = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

_EPOCH: Final = date(1970, 1, 1)
_MONTH_LENGTHS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def parts_of(shapes: Shapes, rows: Rows, plan: DateText, order: DateOrder, today: date) -> tuple[Rows, Rows, Rows]:
    """Year, month and day of rows of one shape, as written in this order. A two-digit year is the one in range."""
    by_part = dict(zip(order, plan.parts, strict=True))
    year, day = shapes.read(rows, by_part["Y"]), shapes.read(rows, by_part["D"])
    if plan.has_two_digit_year:
        year += np.where(year <= last_day(today).year - 2000, 2000, 1900)
    month = np.full(len(rows), plan.named_month, np.int64) if plan.named_month else shapes.read(rows, by_part["M"])
    return year, month, day


def fits(shapes: Shapes, rows: Rows, plan: DateText, order: DateOrder, today: date) -> Mask:
    """True where the parts are a day of the calendar in this order; of two-digit years, one in range as well."""
    year, month, day = parts_of(shapes, rows, plan, order, today)
    real = is_real(year, month, day)
    if plan.has_two_digit_year:
        real &= is_in_range(days_of(year, np.where(real, month, 1), day), today)
    return real


def is_real(year: Rows, month: Rows, day: Rows) -> Mask:
    """True for days of the Gregorian calendar."""
    named = (month >= 1) & (month <= 12)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    length = _MONTH_LENGTHS[np.where(named, month, 0)] + (is_leap & (month == 2))
    real: Mask = named & (day >= 1) & (day <= length)
    return real


def days_of(year: Rows, month: Rows, day: Rows) -> Rows:
    """Days since 1970-01-01."""
    months = ((year - _EPOCH.year) * 12 + month - 1).astype("datetime64[M]")
    return months.astype("datetime64[D]").astype(np.int64) + day - 1


def last_day(today: date) -> date:
    """The last day accepted; two years from 29 February is 28 February."""
    day = 28 if (today.month, today.day) == (2, 29) else today.day
    return today.replace(year=today.year + YEARS_AHEAD, day=day)


def is_in_range(days: Rows, today: date) -> Mask:
    """True for days (since 1970-01-01) that we accept."""
    inside: Mask = days >= (date(FIRST_YEAR, 1, 1) - _EPOCH).days
    inside &= days <= (last_day(today) - _EPOCH).days
    return inside
