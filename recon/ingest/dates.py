"""Date text -> calendar days (and instants, where the text or its feed names a zone), by the order a column proves.

`03/04/2026` is April or March: a single value cannot say, its column usually can, for a part over 12 is no month. A
column of `D.M.Y` with points needs no proof, a column with two-digit years always needs a word from a person.

An impossible date is a reject, never repaired. The booking date is the date as written; the instant is beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recon.ingest.calendar_days import FIRST_YEAR, Rows, days_of, fits, is_in_range, is_real, last_day, parts_of
from recon.ingest.cells import BLANKS
from recon.ingest.clocks import DAY, Times, read_times, to_utc
from recon.ingest.codes import NOTHING_WRONG, ValueCode, Verdicts, code_number
from recon.ingest.date_text import DateOrder, DateText, read_date
from recon.ingest.shapes import Shapes, shapes_of
from recon.ingest.undecided import EXAMPLE_LIMIT, Evidence, QuestionCode, Undecided, are_strays, weigh
from recon.model.reading import Choice


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormat:
    """How the dates of a column are written. With `two_digit_years`, 26 is the one year that is in range."""

    order: DateOrder
    two_digit_years: bool = False


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


def decide_dates(
    text: pa.Array | pa.ChunkedArray,
    today: date,
    *,
    day_month_order: str | None = None,
    two_digit_year: str | None = None,
) -> DateFormat | Undecided:
    """The date format a whole column proves; the answers (`DMY`, `MDY`, `YMD`) settle what it leaves open.

    An answer that is no choice of the question is as none. Cells that are no dates prove nothing, and neither does
    `31/04/2026`, which fits no order.
    """
    shapes = shapes_of(text)
    plans = [read_date(name) for name in shapes.names]
    short = _rows_where(shapes, plans, two_digit=True)
    if short > _rows_where(shapes, plans, two_digit=False):
        return _decide_two_digit_years(shapes, plans, today, two_digit_year)
    evidence, examples = _weigh_orders(shapes, plans, today)
    answer = next((order for order in _DAY_AND_MONTH if order == day_month_order), None)
    if evidence.is_silent:
        return DateFormat(order=answer or DateOrder.DMY)
    order = weigh(evidence, DateOrder.DMY, DateOrder.MDY, answer)
    return DateFormat(order=order) if order else _ask_order(evidence, examples)


def parse_dates(
    text: pa.Array | pa.ChunkedArray, fmt: DateFormat, today: date, *, zone: str | None = None
) -> ParsedDates:
    """The dates of a column. `zone` (IANA name) is the feed's: it makes instants of times that name no zone."""
    shapes = shapes_of(text)
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
    return _assemble(column, zone)


# --- deciding ---------------------------------------------------------------------------------------------------

_DAY_AND_MONTH: Final = (DateOrder.DMY, DateOrder.MDY)
Plans = list[DateText | None]


def _rows_where(shapes: Shapes, plans: Plans, *, two_digit: bool) -> int:
    """Rows that are dates with two-digit years, or with four-digit ones."""
    wanted = [plan is not None and plan.has_two_digit_year is two_digit for plan in plans]
    return int(shapes.counts()[np.array(wanted, bool)].sum())


def _weigh_orders(shapes: Shapes, plans: Plans, today: date) -> tuple[Evidence, tuple[int, ...]]:
    """What four-digit-year dates with numbered months say about day and month, and rows that show it."""
    wanted = np.array([p is not None and p.orders == _DAY_AND_MONTH for p in plans], bool)
    only_day_first, only_month_first, either, either_dotted = (_Rows() for _ in range(4))
    for shape, rows in shapes.groups(wanted):
        plan = plans[shape]
        assert plan is not None
        day_first, month_first = (fits(shapes, rows, plan, order, today) for order in _DAY_AND_MONTH)
        same = shapes.read(rows, plan.parts[0]) == shapes.read(rows, plan.parts[1])
        only_day_first.add(rows[day_first & ~month_first])
        only_month_first.add(rows[month_first & ~day_first])
        (either_dotted if plan.is_dotted else either).add(rows[day_first & month_first & ~same])
    # Points alone say day first, unless some date with points fits only the other order.
    doubtful = either.count + (either_dotted.count if only_month_first.count or either.count else 0)
    evidence = Evidence(only_first=only_day_first.count, only_second=only_month_first.count, either=doubtful)
    shown = [only_day_first, only_month_first] if only_day_first.count and only_month_first.count else [either]
    limit = EXAMPLE_LIMIT // len(shown)
    return evidence, tuple(row for rows in shown for row in rows.first(limit))


class _Rows:
    """Rows gathered shape by shape: how many, and the first few of them."""

    def __init__(self) -> None:
        self.count = 0
        self._first: list[int] = []

    def add(self, rows: Rows) -> None:
        self.count += len(rows)
        self._first += rows[:EXAMPLE_LIMIT].tolist()

    def first(self, limit: int) -> list[int]:
        return sorted(self._first)[:limit]


_WRITTEN: Final = {
    DateOrder.DMY: "Day, month, year",
    DateOrder.MDY: "Month, day, year",
    DateOrder.YMD: "Year, month, day",
}


def _ask_order(evidence: Evidence, examples: tuple[int, ...]) -> Undecided:
    if evidence.only_first and evidence.only_second:
        text = "Some dates of the column fit only day/month/year and some only month/day/year. Which one is right?"
    else:
        text = "The dates can be read as day/month/year or as month/day/year. Which one is it?"
    return Undecided(
        code=QuestionCode.DAY_MONTH_ORDER,
        text=text,
        choices=(
            Choice(value=DateOrder.DMY.value, label=f"{_WRITTEN[DateOrder.DMY]}: 03/04/2026 is 3 April"),
            Choice(value=DateOrder.MDY.value, label=f"{_WRITTEN[DateOrder.MDY]}: 03/04/2026 is 4 March"),
        ),
        examples=examples,
    )


def _decide_two_digit_years(shapes: Shapes, plans: Plans, today: date, answer: str | None) -> DateFormat | Undecided:
    """Two-digit years are read only when a person said so, with the order; offered are the orders the column fits."""
    wanted = np.array([plan is not None and plan.has_two_digit_year for plan in plans], bool)
    fitting = dict.fromkeys(DateOrder, 0)
    dates = _Rows()
    for shape, rows in shapes.groups(wanted):
        plan = plans[shape]
        assert plan is not None
        dates.add(rows)
        for order in plan.orders:
            fitting[order] += int(fits(shapes, rows, plan, order, today).sum())
    most = max(fitting.values())
    open_orders = [o for o in DateOrder if fitting[o] == most or are_strays(dates.count - fitting[o], fitting[o])]
    if answer in open_orders:
        return DateFormat(order=DateOrder(answer), two_digit_years=True)
    return Undecided(
        code=QuestionCode.TWO_DIGIT_YEAR,
        text="The years have two digits. How are the dates to be read?",
        choices=tuple(Choice(value=order.value, label=_two_digit_label(order, today)) for order in open_orders),
        examples=tuple(dates.first(EXAMPLE_LIMIT)),
    )


def _two_digit_label(order: DateOrder, today: date) -> str:
    return f"{_WRITTEN[order]}, years {FIRST_YEAR} to {last_day(today).year}"


# --- reading ----------------------------------------------------------------------------------------------------


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
