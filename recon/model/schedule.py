"""When a check is due: its slots are whole intervals of UTC since 1970, the same for whoever computes them.

Pure: the time comes in, and it is the database's. Slots know nothing of daylight saving, of when a process started or
of who asks, so two sidecars cannot disagree about one, and a restart brings none forward.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from recon.model.checks import Category, CheckBook

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
LEAST_GRACE: Final = timedelta(minutes=1)
MOST_GRACE: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledCheck:
    """A check on one book, or on what the books share."""

    check_name: str
    book: CheckBook
    category: Category


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often a check is due."""

    check: ScheduledCheck
    interval: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A slot that is to be worked on now, and the slots before it that nobody worked on."""

    slot_at: datetime
    missed_count: int
    missed_since: datetime | None


def slot_of(instant: datetime, interval: timedelta) -> datetime:
    """The start of the slot the instant is in."""
    return EPOCH + (instant - EPOCH) // interval * interval


def next_due(interval: timedelta, *, since: datetime, latest: datetime | None) -> datetime:
    """The first slot after `latest`, of those that began or lasted while this interval was in force.

    In the past: since when the check has been due; in the future: when it will be. `latest` is the latest slot done.
    """
    first = slot_of(since, interval)
    return first if latest is None else max(first, slot_of(latest, interval) + interval)


def due(interval: timedelta, *, now: datetime, since: datetime, latest: datetime | None) -> Due | None:
    """The current slot, if it is after `latest`, the latest slot there is at `now`; older ones count as missed.

    Of several slots that passed only the current one is worked on: it answers the same question about the same books.
    A `since` still to come was written by a clock that ran ahead; it stops no check.
    """
    slot_at = slot_of(now, interval)
    first = next_due(interval, since=min(since, now), latest=latest)
    if first > slot_at:
        return None
    missed_count = (slot_at - first) // interval
    return Due(slot_at=slot_at, missed_count=missed_count, missed_since=first if missed_count else None)


def is_overdue(interval: timedelta, *, now: datetime, since: datetime, latest: datetime | None) -> bool:
    """Whether the slot after `latest`, the latest slot done, should have been done by now."""
    begun = max(next_due(interval, since=since, latest=latest), since)
    return now - begun > grace(interval)


def grace(interval: timedelta) -> timedelta:
    """How late a check may be before it is called overdue: a tenth of its interval, one minute to fifteen."""
    return min(max(interval / 10, LEAST_GRACE), MOST_GRACE)
