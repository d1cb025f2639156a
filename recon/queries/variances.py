"""Variances from first seen to fixed, over all checks and books: the list, one in detail, and amounts by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Row, func, or_, select, text

from recon.model.checks import Category, CheckBook, Quantity, Subject, VarianceClass
from recon.store.check_tables import variance, variance_event
from recon.store.checks import figure, subject_from
from recon.store.variances import VarianceNotFound


class VarianceOrder(StrEnum):
    """The largest unexplained part first (whatever its sign and unit), the oldest first, or the newest."""

    SIZE = "size"
    OLDEST = "oldest"
    NEWEST = "newest"


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceFilter:
    """Which variances; what is empty or None does not matter. `search` looks into what they are about."""

    check_names: tuple[str, ...] = ()
    books: tuple[CheckBook, ...] = ()
    categories: tuple[Category, ...] = ()
    classes: tuple[VarianceClass | None, ...] = ()  # None: not classified yet
    units: tuple[str, ...] = ()
    seen_before: datetime | None = None  # first seen
    only_unexplained: bool = False
    is_fixed: bool = False
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceRow:
    """A variance as of the last run that saw it. `age_days` counts from first seen to now, or to fixed."""

    id: int
    check_name: str
    book: CheckBook
    category: Category
    subject: Subject
    expected: Quantity
    actual: Quantity
    difference: Quantity
    explained: Quantity
    unexplained: Quantity
    unit: str
    note: str | None
    first_run_id: int
    first_seen_at: datetime
    last_run_id: int
    last_seen_at: datetime
    fixed_run_id: int | None
    fixed_at: datetime | None
    variance_class: VarianceClass | None
    version: int
    age_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceEvent:
    """What someone said about a variance."""

    at: datetime
    actor: str
    variance_class: VarianceClass | None
    comment: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VarianceDetail:
    variance: VarianceRow
    events: tuple[VarianceEvent, ...]  # oldest first


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitTotal:
    """Of one unit: how many variances, and what is unexplained of them, net and whatever the sign."""

    unit: str
    variance_count: int
    net: Quantity
    gross: Quantity


@dataclass(frozen=True, slots=True, kw_only=True)
class DayAmount:
    """What the last run of a check on a day found unexplained, in one unit."""

    day: date
    check_name: str
    book: CheckBook
    unit: str
    amount: Decimal
    variance_count: int  # of the run, over all units


def variance_page(
    engine: Engine,
    wanted: VarianceFilter,
    *,
    order: VarianceOrder = VarianceOrder.OLDEST,
    limit: int = 50,
    offset: int = 0,
) -> tuple[VarianceRow, ...]:
    """Some of the variances that fit."""
    query = _ROWS.where(*_conditions(wanted)).order_by(*_ORDERS[order], variance.c.id).limit(limit).offset(offset)
    with engine.connect() as conn:
        return tuple(_row(row) for row in conn.execute(query))


def variance_totals(engine: Engine, wanted: VarianceFilter) -> tuple[UnitTotal, ...]:
    """How many fit and what they come to, for each unit."""
    left = variance.c.unexplained
    query = (
        select(
            variance.c.unit, func.count().label("n"), func.sum(left).label("net"), func.sum(func.abs(left)).label("g")
        )
        .where(*_conditions(wanted))
        .group_by(variance.c.unit)
        .order_by(variance.c.unit)
    )
    with engine.connect() as conn:
        return tuple(
            UnitTotal(unit=row.unit, variance_count=row.n, net=figure(row.net), gross=figure(row.g))
            for row in conn.execute(query)
        )


def variance_detail(engine: Engine, variance_id: int) -> VarianceDetail:
    """One variance with all that was said about it; raises VarianceNotFound."""
    said = select(variance_event).where(variance_event.c.variance_id == variance_id).order_by(variance_event.c.id)
    with engine.connect() as conn:
        found = conn.execute(_ROWS.where(variance.c.id == variance_id)).one_or_none()
        if found is None:
            raise VarianceNotFound(variance_id)
        return VarianceDetail(
            variance=_row(found),
            events=tuple(
                VarianceEvent(
                    at=row.at, actor=row.actor, variance_class=_class(row._mapping["class"]), comment=row.comment
                )
                for row in conn.execute(said)
            ),
        )


def amounts_by_day(engine: Engine, *, since: datetime, check_names: Sequence[str] = ()) -> tuple[DayAmount, ...]:
    """For a chart: what the last run of each day, check and book found, by unit; days without a run are not there."""
    named = {"since": since, "checks": list(check_names)}
    with engine.connect() as conn:
        return tuple(
            DayAmount(
                day=row.day,
                check_name=row.check_name,
                book=CheckBook(row.book),
                unit=row.unit,
                amount=Decimal(row.amount),
                variance_count=row.variance_count,
            )
            for row in conn.execute(text(_BY_DAY), named)
        )


_AGE: Final = func.extract("day", func.coalesce(variance.c.fixed_at, func.now()) - variance.c.first_seen_at)
_ROWS: Final = select(variance, _AGE.label("age_days"))
_ORDERS: Final[dict[VarianceOrder, tuple[ColumnElement[Any], ...]]] = {
    VarianceOrder.SIZE: (func.abs(variance.c.unexplained).desc(),),
    VarianceOrder.OLDEST: (variance.c.first_seen_at,),
    VarianceOrder.NEWEST: (variance.c.first_seen_at.desc(),),
}

_BY_DAY: Final = """
select last.day, last.check_name, last.book, figures.key as unit, figures.value as amount, last.variance_count
  from (select distinct on (day, check_name, book) * from (
          select (started_at at time zone 'utc')::date as day, check_name, book, id, variance_totals, variance_count
            from check_run where finished_at >= :since and status <> 'error'
             and (cardinality(cast(:checks as text[])) = 0 or check_name = any(cast(:checks as text[])))) as runs
         order by day, check_name, book, id desc) as last,
       jsonb_each_text(last.variance_totals) as figures
 order by last.day, last.check_name, last.book, figures.key
"""


def _conditions(wanted: VarianceFilter) -> list[ColumnElement[bool]]:
    row = variance.c
    conditions: list[ColumnElement[bool]] = [
        row.fixed_run_id.is_not(None) if wanted.is_fixed else row.fixed_run_id.is_(None)
    ]
    lists = ((row.check_name, wanted.check_names), (row.book, wanted.books), (row.category, wanted.categories))
    conditions += [column.in_(list(values)) for column, values in (*lists, (row.unit, wanted.units)) if values]
    if wanted.classes:
        named = row["class"].in_([value.value for value in wanted.classes if value])
        conditions.append(or_(named, row["class"].is_(None)) if None in wanted.classes else named)
    if wanted.seen_before is not None:
        conditions.append(row.first_seen_at < wanted.seen_before)
    if wanted.only_unexplained:
        conditions.append(row.unexplained != 0)
    if wanted.search.strip():
        looked_for = wanted.search.strip()
        conditions.append(
            or_(row.subject_key.icontains(looked_for, autoescape=True), row.note.icontains(looked_for, autoescape=True))
        )
    return conditions


def _row(found: Row[Any]) -> VarianceRow:
    given = dict(found._mapping)
    figures = ("expected", "actual", "difference", "explained", "unexplained")
    shown = {name: given[name] for name in VarianceRow.__dataclass_fields__ if name in given}
    return VarianceRow(
        **shown
        | {name: figure(given[name]) for name in figures}
        | {
            "book": CheckBook(given["book"]),
            "category": Category(given["category"]),
            "subject": subject_from(given["subject"]),
            "variance_class": _class(given["class"]),
            "age_days": int(given["age_days"]),
        }
    )


def _class(stored: str | None) -> VarianceClass | None:
    return None if stored is None else VarianceClass(stored)
