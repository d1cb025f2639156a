"""Date text -> calendar days, and instants where the text or its feed names a zone, by the order its column proves.

An impossible date is a reject, never repaired. The booking date is the date as written; the instant is beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recon.ingest.calendar_days import Rows, days_of, fits, is_in_range, is_real, parts_of
from recon.ingest.cells import BLANKS
from recon.ingest.clocks import DAY, Times, read_times, to_utc
from recon.ingest.codes import NOTHING_WRONG, ValueCode, Verdicts, code_number
from recon.ingest.date_order import DateFormat, decide_dates
from recon.ingest.date_text import DateOrder, DateText, read_date
from recon.ingest.distinct import Distinct, distinct
from recon.ingest.shapes import Shapes, shapes_of

__all__ = ["DateFormat", "ParsedDates", "decide_dates", "parse_dates"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedDates:
    """A column of dates: `dates` (rows, date32) is null where `verdicts` says why.

    `at` (rows, timestamp[us, UTC]) is null where the text has no time, or neither text nor feed names a zone.
    `next_day` marks 24:00, which is the next day's 0:00; `folded` marks a local time the clocks showed twice, of which
    the first is taken.
    """

    dates: pa.Array
    at: pa.Array
    verdicts: Verdicts
    next_day: npt.NDArray[np.bool_]
    folded: npt.NDArray[np.bool_]

    def at_rows(self, index: npt.NDArray[np.int32]) -> ParsedDates:
        """The dates of rows, each of which has the one at its index here."""
        at = pa.array(index)
        return ParsedDates(
            dates=self.dates.take(at),
            at=self.at.take(at),
            verdicts=Verdicts(numbers=self.verdicts.numbers[index]),
            next_day=self.next_day[index],
            folded=self.folded[index],
        )


def parse_dates(
    text: pa.Array | pa.ChunkedArray | Distinct, fmt: DateFormat, today: date, *, zone: str | None = None
) -> ParsedDates:
    """The dates of a column. `zone` (IANA name) is the feed's: it makes instants of times that name no zone."""
    cells = distinct(text)
    shapes = shapes_of(cells.values)
    plans = [read_date(name) for name in shapes.names]
    numbers = np.array([code_number(_refusal(n, p, fmt)) for n, p in zip(shapes.names, plans, strict=True)], np.uint8)
    column = _Column.empty(len(shapes))
    column.verdicts[:] = numbers[shapes.index]
    for shape, rows in shapes.groups(numbers == NOTHING_WRONG):
        plan = plans[shape]
        assert plan is not None
        _read_days(shapes, rows, plan, fmt, today, column)
        if plan.time is not None:
            _read_clock(column, rows, read_times(shapes, rows, plan.time), plan.time.is_elsewhere)
    return _assemble(column, zone).at_rows(cells.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """The column while it is read: arrays of one entry a row."""

    days: npt.NDArray[np.int64]  # since 1970-01-01
    clock: npt.NDArray[np.int64]  # microseconds since midnight, local
    offset: npt.NDArray[np.int64]  # microseconds east of UTC
    has_local_clock: npt.NDArray[np.bool_]  # a time that names no zone at all
    has_offset: npt.NDArray[np.bool_]
    next_day: npt.NDArray[np.bool_]
    verdicts: npt.NDArray[np.uint8]

    @staticmethod
    def empty(row_count: int) -> _Column:
        days, clock, offset = (np.zeros(row_count, np.int64) for _ in range(3))
        has_local_clock, has_offset, next_day = (np.zeros(row_count, bool) for _ in range(3))
        return _Column(
            days=days,
            clock=clock,
            offset=offset,
            has_local_clock=has_local_clock,
            has_offset=has_offset,
            next_day=next_day,
            verdicts=np.zeros(row_count, np.uint8),
        )


def _refusal(shape: str, plan: DateText | None, fmt: DateFormat) -> ValueCode | None:
    """Why no cell of this shape can be read."""
    if plan is None:
        return ValueCode.DATE_NOT_A_DATE if shape.strip(BLANKS) else ValueCode.DATE_EMPTY
    if plan.has_two_digit_year and not fmt.two_digit_years:
        return ValueCode.DATE_TWO_DIGIT_YEAR
    return None if _order_of(plan, fmt) else ValueCode.DATE_OTHER_ORDER


def _order_of(plan: DateText, fmt: DateFormat) -> DateOrder | None:
    """The column's order, or the shape's own where it has only one (a year in front, a named month)."""
    if fmt.order in plan.orders:
        return fmt.order
    return plan.orders[0] if len(plan.orders) == 1 else None


def _read_days(shapes: Shapes, rows: Rows, plan: DateText, fmt: DateFormat, today: date, column: _Column) -> None:
    order = _order_of(plan, fmt)
    assert order is not None
    year, month, day = parts_of(shapes, rows, plan, order, today)
    real = is_real(year, month, day)
    days = days_of(year, np.where(real, month, 1), np.where(real, day, 1))
    others = [fits(shapes, rows, plan, other, today) for other in plan.orders if other is not order]
    fits_other = np.logical_or.reduce(others) if others else np.zeros(len(rows), bool)
    verdicts = np.where(is_in_range(days, today), NOTHING_WRONG, code_number(ValueCode.DATE_OUT_OF_RANGE))
    verdicts[~real] = code_number(ValueCode.DATE_IMPOSSIBLE)
    verdicts[~real & fits_other] = code_number(ValueCode.DATE_OTHER_ORDER)
    column.days[rows] = days
    column.verdicts[rows] = verdicts


def _read_clock(column: _Column, rows: Rows, times: Times, is_elsewhere: bool) -> None:
    column.clock[rows], column.offset[rows] = times.clock, times.offset
    column.has_offset[rows] = times.has_offset
    column.has_local_clock[rows] = not times.has_offset and not is_elsewhere
    column.next_day[rows] = times.next_day
    column.days[rows] += times.next_day
    column.clock[rows[times.next_day]] = 0
    column.verdicts[rows] = np.where(column.verdicts[rows] == NOTHING_WRONG, times.verdicts, column.verdicts[rows])


def _assemble(column: _Column, zone: str | None) -> ParsedDates:
    local = column.days * DAY + column.clock
    utc = local - column.offset
    has_instant = column.has_offset.copy()
    folded = np.zeros(len(local), bool)
    verdicts = column.verdicts
    needs_zone = np.flatnonzero(column.has_local_clock & (verdicts == NOTHING_WRONG))
    if zone is not None and len(needs_zone):
        instants = to_utc(local[needs_zone], zone)
        utc[needs_zone] = instants.utc
        has_instant[needs_zone] = True
        folded[needs_zone] = instants.folded
        verdicts[needs_zone[instants.skipped]] = code_number(ValueCode.TIME_SKIPPED)
    wrong = verdicts != NOTHING_WRONG
    return ParsedDates(
        dates=pa.array(column.days.astype(np.int32), pa.int32(), mask=wrong).cast(pa.date32()),
        at=pa.array(utc, pa.int64(), mask=wrong | ~has_instant).cast(pa.timestamp("us", tz="UTC")),
        verdicts=Verdicts(numbers=verdicts),
        next_day=column.next_day & ~wrong,
        folded=folded & ~wrong,
    )
