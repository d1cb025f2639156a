"""Times of day and their zones: clock text -> microseconds, and local time -> UTC by the feed's zone.

A time that does not exist is a reject: 25:00, a sixtieth second, 13 PM, and the hour skipped when clocks go forward.
24:00 is the next day's midnight. Of an hour that clocks show twice the first is taken, and marked.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from recon.ingest.codes import ValueCode, code_number
from recon.ingest.date_text import TimeText
from recon.ingest.shapes import Shapes

SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
_MICROSECOND_DIGITS: Final = 6
_MAX_OFFSET_HOURS: Final = 15
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

Micros = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Times of some rows: `clock` since midnight and `offset` east of UTC, in microseconds; `has_offset` for all."""

    clock: Micros
    offset: Micros
    has_offset: bool
    next_day: Mask
    verdicts: npt.NDArray[np.uint8]


def read_times(shapes: Shapes, rows: npt.NDArray[np.int64], plan: TimeText) -> Times:
    """The times of rows of one shape."""
    hour, minute, second = (shapes.read(rows, at) for at in (plan.hour, plan.minute, plan.second))
    fraction = plan.fraction[:_MICROSECOND_DIGITS]
    micros = shapes.read(rows, fraction) * 10 ** (_MICROSECOND_DIGITS - len(fraction))
    is_midnight = (hour == 24) & (minute == 0) & (second == 0) & (micros == 0) & (plan.half == "")
    impossible = (minute > 59) | (second > 59) | ((hour > 23) & ~is_midnight)
    if plan.half:
        impossible |= (hour < 1) | (hour > 12)
        hour = hour % 12 + (12 if plan.half == "p" else 0)
    offset_hour, offset_minute = shapes.read(rows, plan.offset_hour), shapes.read(rows, plan.offset_minute)
    impossible |= (offset_hour > _MAX_OFFSET_HOURS) | (offset_minute > 59)
    return Times(
        clock=hour * HOUR + minute * MINUTE + second * SECOND + micros,
        offset=plan.offset_sign * (offset_hour * HOUR + offset_minute * MINUTE),
        has_offset=plan.is_utc or plan.offset_sign != 0,
        next_day=is_midnight,
        verdicts=np.where(impossible, code_number(ValueCode.TIME_IMPOSSIBLE), 0).astype(np.uint8),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """Local times as UTC microseconds; `skipped` never happened, `folded` happened twice (the first is given)."""

    utc: Micros
    skipped: Mask
    folded: Mask


def to_utc(local: Micros, zone: str) -> Instants:
    """Local times of one IANA zone (microseconds of the wall clock) as instants; raises if there is no such zone.

    Each distinct day is looked up once, and on days when the clocks change, each distinct minute.
    """
    days, index = np.unique(local // DAY, return_inverse=True)
    info = ZoneInfo(zone)
    at_midnights = np.array([_offsets(int(day) * DAY, info) + _offsets(int(day + 1) * DAY, info) for day in days])
    at_midnights = at_midnights.reshape(-1, 4)
    offsets = at_midnights[index, :2]
    changing = np.flatnonzero((at_midnights != at_midnights[:, :1]).any(axis=1)[index])
    if len(changing):
        minutes, where = np.unique(local[changing] // MINUTE, return_inverse=True)
        offsets[changing] = np.array([_offsets(int(minute) * MINUTE, info) for minute in minutes])[where]
    first, second = offsets[:, 0], offsets[:, 1]
    return Instants(utc=local - first * SECOND, skipped=second > first, folded=first > second)


def _offsets(wall: int, zone: ZoneInfo) -> tuple[int, int]:
    """Seconds east of UTC that the wall clock has at this time, by the clocks before and after a change."""
    moment = (_EPOCH + timedelta(microseconds=wall)).replace(tzinfo=zone)
    before, after = moment.utcoffset(), moment.replace(fold=1).utcoffset()
    assert before is not None
    assert after is not None
    return int(before.total_seconds()), int(after.total_seconds())
