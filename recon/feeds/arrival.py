"""When the next file of a feed is due, and which ones are missing.

A file is due at a time of day on the clocks of a place. It counts for the slot it came in, between two due times: what
it holds says nothing about that. One that comes late ends the wait for all before it: what is told as missing is every
slot since the last file came. Whether a file was left out in between, balances say (`continuity`).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from recon.calendar import calendar_of
from recon.model.feed import Arrival, Every

HORIZON: Final = timedelta(days=400)
"""How far back missing files are counted, and how far ahead the next is looked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is missing of a feed, oldest first, and when its next file is due; all UTC."""

    missing: tuple[datetime, ...]
    next_due_at: datetime | None

    @property
    def is_missing(self) -> bool:
        """Whether a file should have come by now."""
        return bool(self.missing)


def expected(arrival: Arrival, *, since: datetime, last_came_at: datetime | None, now: datetime) -> Expected:
    """What is missing at `now` of a feed that expects files since `since`; `last_came_at` is its newest file's.

    A file that comes before a slot, and after the slot before it, is that slot's.
    """
    dues = list(due_times(arrival, first=max(since, now - HORIZON), last=now + HORIZON))
    next_due_at = next((due for due in dues if due > now), None)
    past = [due for due in dues if due <= now]
    if last_came_at is None:
        return Expected(missing=tuple(past), next_due_at=next_due_at)
    slots = pairwise([since, *past])
    missing = tuple(due for begins_at, due in slots if last_came_at <= begins_at)
    return Expected(missing=missing, next_due_at=next_due_at)


def due_times(arrival: Arrival, *, first: datetime, last: datetime) -> Iterator[datetime]:
    """The due times after `first` up to `last`, in order; UTC."""
    zone = ZoneInfo(arrival.zone)
    day, end = first.astimezone(zone).date(), last.astimezone(zone).date()
    while day <= end:
        if _is_due(arrival, day):
            due = datetime.combine(day, arrival.by, zone).astimezone(UTC)
            if first < due <= last:
                yield due
        day += timedelta(days=1)


def _is_due(arrival: Arrival, day: date) -> bool:
    match arrival.every:
        case Every.BUSINESS_DAY:
            return calendar_of(arrival.calendar).is_business_day(day)
        case Every.WEEK:
            return day.isoweekday() == arrival.day
        case Every.MONTH:
            return day.day == min(arrival.day, monthrange(day.year, day.month)[1])
        case _:
            assert_never(arrival.every)
