"""The order of day, month and year that a whole column of dates proves, or the question it leaves.

A part over 12 is no month: one such date decides for the column. A column of `D.M.Y` with points needs no proof. A
column with two-digit years always needs a word from a person, which says the order as well: `04.03.26` has three.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from recon.ingest.calendar_days import FIRST_YEAR, Rows, fits, last_day
from recon.ingest.date_text import DateOrder, DateText, read_date
from recon.ingest.distinct import Distinct, distinct
from recon.ingest.shapes import Shapes, shapes_of
from recon.ingest.undecided import EXAMPLE_LIMIT, Evidence, QuestionCode, Undecided, are_strays, weigh
from recon.model.reading import Choice

_DAY_AND_MONTH: Final = (DateOrder.DMY, DateOrder.MDY)
Plans = list[DateText | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class DateFormat:
    """How the dates of a column are written. With `two_digit_years`, 26 is the one year that is in range."""

    order: DateOrder
    two_digit_years: bool = False


def decide_dates(
    text: pa.Array | pa.ChunkedArray | Distinct,
    today: date,
    *,
    day_month_order: str | None = None,
    two_digit_year: str | None = None,
) -> DateFormat | Undecided:
    """The date format a whole column proves; the answers (`DMY`, `MDY`, `YMD`) settle what it leaves open.

    An answer that is no choice of the question is as none. Cells that are no dates prove nothing, and neither does
    `31/04/2026`, which fits no order.
    """
    cells = distinct(text)
    shapes = shapes_of(cells.values)
    plans = [read_date(name) for name in shapes.names]
    column = _Column(shapes=shapes, plans=plans, counts=cells.row_counts(), first_rows=cells.first_rows())
    if column.row_count(two_digit=True) > column.row_count(two_digit=False):
        return _decide_two_digit_years(column, today, two_digit_year)
    evidence, examples = _weigh_orders(column, today)
    answer = next((order for order in _DAY_AND_MONTH if order == day_month_order), None)
    if evidence.is_silent:
        return DateFormat(order=answer or DateOrder.DMY)
    order = weigh(evidence, DateOrder.DMY, DateOrder.MDY, answer)
    return DateFormat(order=order) if order else _ask_order(evidence, examples)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """The distinct texts of a column by shape, how to read each shape, and the rows that say each text."""

    shapes: Shapes
    plans: Plans
    counts: npt.NDArray[np.int64]
    first_rows: npt.NDArray[np.int64]

    def row_count(self, *, two_digit: bool) -> int:
        """Rows that are dates with two-digit years, or with four-digit ones."""
        wanted = [plan is not None and plan.has_two_digit_year is two_digit for plan in self.plans]
        return int(self.counts[np.array(wanted, bool)[self.shapes.index]].sum())

    def rows(self) -> _Rows:
        """None of its rows yet."""
        return _Rows(self.counts, self.first_rows)


def _weigh_orders(column: _Column, today: date) -> tuple[Evidence, tuple[int, ...]]:
    """What four-digit-year dates with numbered months say about day and month, and rows that show it."""
    shapes, plans = column.shapes, column.plans
    wanted = np.array([p is not None and p.orders == _DAY_AND_MONTH for p in plans], bool)
    only_day_first, only_month_first, either, either_dotted = (column.rows() for _ in range(4))
    for shape, rows in shapes.groups(wanted):
        plan = plans[shape]
        assert plan is not None
        day_first, month_first = (fits(shapes, rows, plan, order, today) for order in _DAY_AND_MONTH)
        same = shapes.read(rows, plan.parts[0]) == shapes.read(rows, plan.parts[1])
        only_day_first.add(rows[day_first & ~month_first])
        only_month_first.add(rows[month_first & ~day_first])
        (either_dotted if plan.is_dotted else either).add(rows[day_first & month_first & ~same])
    # Points alone say day first, unless some date with points fits only the other order.
    doubtful = either.count + (either_dotted.count if only_month_first.count else 0)
    evidence = Evidence(only_first=only_day_first.count, only_second=only_month_first.count, either=doubtful)
    shown = [only_day_first, only_month_first] if only_day_first.count and only_month_first.count else [either]
    limit = EXAMPLE_LIMIT // len(shown)
    return evidence, tuple(row for rows in shown for row in rows.first(limit))


class _Rows:
    """Rows gathered shape by shape, by their distinct texts: how many, and the first few of them."""

    def __init__(self, counts: npt.NDArray[np.int64], first_rows: npt.NDArray[np.int64]) -> None:
        self.count = 0
        self._counts, self._first_rows = counts, first_rows
        self._first: list[int] = []

    def add(self, texts: Rows) -> None:
        self.count += int(self._counts[texts].sum())
        self._first += self._first_rows[texts[:EXAMPLE_LIMIT]].tolist()

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


def _decide_two_digit_years(column: _Column, today: date, answer: str | None) -> DateFormat | Undecided:
    """Two-digit years are read only when a person said so, with the order; offered are the orders the column fits."""
    shapes, plans = column.shapes, column.plans
    wanted = np.array([plan is not None and plan.has_two_digit_year for plan in plans], bool)
    fitting = dict.fromkeys(DateOrder, 0)
    dates = column.rows()
    for shape, rows in shapes.groups(wanted):
        plan = plans[shape]
        assert plan is not None
        dates.add(rows)
        for order in plan.orders:
            fitting[order] += int(column.counts[rows[fits(shapes, rows, plan, order, today)]].sum())
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
