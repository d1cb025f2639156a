"""The open items of a reconciliation over all its runs: what is missing, what is in transit, what was cleared, and how.

Age is counted in business days of the reconciliation's calendar, from the day an item was first seen; it never begins
anew. An item is in transit until the day its counterpart is due, and missing from then on.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Engine, Row, and_, func, or_, select, true

from recon.calendar import Calendar, calendar_of
from recon.model.open_items import ClearedBy, ItemState
from recon.model.settlement import CurrencyLine
from recon.model.transactions import Side
from recon.queries.open_ages import AGES
from recon.store.tables import discrepancy, reconciliation, run
from recon.store.workbench_tables import open_item, run_carry


class Stage(StrEnum):
    MISSING = "missing"
    IN_TRANSIT = "in_transit"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items of a reconciliation; nothing given leaves all of the stage in.

    `ages`: places in `open_ages.AGES`. `search`: a part of an id, a reference or a text.
    """

    reconciliation_id: int
    stage: Stage = Stage.MISSING
    side: Side | None = None
    currency: str | None = None
    ages: tuple[int, ...] = ()
    search: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item. `age` in business days; `amount` in minor units; `first_line`: its line in the first run's file."""

    id: int
    reconciliation_id: int
    side: Side
    date: dt.date
    amount: int
    currency: str
    txn_id: str | None
    payment_ref: str | None
    description: str | None
    counterparty: str | None
    first_run_id: int
    first_line: int
    first_seen_on: dt.date
    due_on: dt.date | None
    cleared_by: ClearedBy | None
    cleared_run_id: int | None
    cleared_at: dt.datetime | None
    decision_id: int | None
    amends_id: int | None
    stage: Stage
    age: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrier:
    """A reconciliation that has, or ever had, open items; `calendar` says whose business days count."""

    id: int
    name: str
    calendar: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The runs an item was in, first to last, and its line in the last one: below 0 where that run carried it."""

    run_ids: tuple[int, ...]
    last_line: int


def carriers(engine: Engine) -> tuple[Carrier, ...]:
    """By name."""
    r = reconciliation.c
    has_items = select(open_item.c.id).where(open_item.c.reconciliation_id == r.id).exists()
    with engine.connect() as conn:
        rows = conn.execute(select(r.id, r.name, r.calendar).where(or_(r.carry_forward, has_items)).order_by(r.name))
        return tuple(Carrier(**row._mapping) for row in rows)


def item_page(engine: Engine, wanted: ItemFilter, *, today: date, limit: int = 50, offset: int = 0) -> tuple[Item, ...]:
    """Items that fit, the oldest first; of cleared ones those that were cleared last."""
    i = open_item.c
    order = [i.cleared_at.desc(), i.id.desc()] if wanted.stage is Stage.CLEARED else [i.first_seen_on, i.id]
    with engine.connect() as conn:
        calendar = _calendar(conn, wanted.reconciliation_id)
        query = select(open_item).where(*_where(conn, wanted, calendar, today))
        rows = conn.execute(query.order_by(*order).limit(limit).offset(offset))
        return tuple(_item(row, calendar, today) for row in rows)


def item_sums(engine: Engine, wanted: ItemFilter, *, today: date) -> tuple[CurrencyLine, ...]:
    """What all that fit come to, by currency."""
    i = open_item.c
    query = select(i.currency, i.side, func.count().label("row_count"), func.sum(i.amount).label("amount"))
    with engine.connect() as conn:
        where = _where(conn, wanted, _calendar(conn, wanted.reconciliation_id), today)
        rows = conn.execute(query.where(*where).group_by(i.currency, i.side)).all()
    found = {(row.currency, row.side): (row.row_count, int(row.amount)) for row in rows}
    return tuple(
        CurrencyLine(
            currency=currency,
            source_count=found.get((currency, Side.SOURCE), (0, 0))[0],
            source=found.get((currency, Side.SOURCE), (0, 0))[1],
            reference_count=found.get((currency, Side.REFERENCE), (0, 0))[0],
            reference=found.get((currency, Side.REFERENCE), (0, 0))[1],
        )
        for currency in sorted({currency for currency, _ in found})
    )


def stage_counts(engine: Engine, reconciliation_id: int, *, today: date) -> dict[Stage, int]:
    """How many items are in each stage."""
    i = open_item.c
    query = select(i.state, _on_its_way(today).label("waits"), func.count().label("row_count"))
    query = query.where(i.reconciliation_id == reconciliation_id).group_by("state", "waits")
    counts = dict.fromkeys(Stage, 0)
    with engine.connect() as conn:
        for row in conn.execute(query):
            is_cleared = row.state == ItemState.CLEARED
            counts[Stage.CLEARED if is_cleared else Stage.IN_TRANSIT if row.waits else Stage.MISSING] += row.row_count
    return counts


def currencies_of(engine: Engine, reconciliation_id: int) -> tuple[str, ...]:
    """Those of its items, whatever became of them, in alphabetical order."""
    i = open_item.c
    query = select(i.currency).where(i.reconciliation_id == reconciliation_id).distinct().order_by(i.currency)
    with engine.connect() as conn:
        return tuple(conn.execute(query).scalars())


def one_item(engine: Engine, item_id: int, *, today: date) -> Item | None:
    """The item of that number, if there is one."""
    with engine.connect() as conn:
        row = conn.execute(select(open_item).where(open_item.c.id == item_id)).one_or_none()
        return None if row is None else _item(row, _calendar(conn, row.reconciliation_id), today)


def course(engine: Engine, item: Item) -> Course:
    """The runs in effect that had the item, from the first on: as long as it was open."""
    c, first = run_carry.c, run_carry.alias("first")
    query = (
        select(c.run_id)
        .join_from(run_carry, run, run.c.id == c.run_id)
        .join(first, first.c.run_id == item.first_run_id)
        .where(
            c.reconciliation_id == item.reconciliation_id,
            c.number >= first.c.number,
            c.replaced_by_id.is_(None),
            true() if item.cleared_at is None else run.c.started_at <= item.cleared_at,
        )
        .order_by(c.number)
    )
    with engine.connect() as conn:
        ids = tuple(conn.execute(query).scalars()) or (item.first_run_id,)
    return Course(run_ids=ids, last_line=item.first_line if ids[-1] == item.first_run_id else -item.id)


def discrepancy_of(engine: Engine, run_id: int, side: Side, line: int) -> int | None:
    """What a published run asks of the row on that line of that side; None while it needs no work."""
    d = discrepancy.c
    own = d.source_line if side is Side.SOURCE else d.reference_line
    query = (
        select(d.id)
        .join_from(discrepancy, run, and_(run.c.id == d.run_id, run.c.published_attempt == d.attempt))
        .where(d.run_id == run_id, own == line)
        .order_by(d.id)
        .limit(1)
    )
    with engine.connect() as conn:
        return conn.execute(query).scalar_one_or_none()


def _calendar(conn: Connection, reconciliation_id: int) -> Calendar:
    r = reconciliation.c
    return calendar_of(conn.execute(select(r.calendar).where(r.id == reconciliation_id)).scalar_one())


def _on_its_way(today: date) -> ColumnElement[bool]:
    i = open_item.c
    return func.coalesce(and_(i.state == ItemState.IN_TRANSIT.value, i.due_on > today), False)


def _where(conn: Connection, wanted: ItemFilter, calendar: Calendar, today: date) -> list[ColumnElement[bool]]:
    i = open_item.c
    where: list[ColumnElement[bool]] = [i.reconciliation_id == wanted.reconciliation_id]
    if wanted.stage is Stage.CLEARED:
        where.append(i.state == ItemState.CLEARED.value)
    else:
        on_its_way = _on_its_way(today)
        where += [i.state != ItemState.CLEARED.value, on_its_way if wanted.stage is Stage.IN_TRANSIT else ~on_its_way]
    if wanted.side is not None:
        where.append(i.side == wanted.side.value)
    if wanted.currency is not None:
        where.append(i.currency == wanted.currency)
    if wanted.ages and wanted.stage is not Stage.CLEARED:
        where.append(i.first_seen_on.in_(_days_of(conn, wanted, calendar, today)))
    if search := wanted.search.strip():
        said = func.concat_ws(" ", i.txn_id, i.payment_ref, i.description, i.counterparty)
        where.append(said.icontains(search, autoescape=True))
    return where


def _days_of(conn: Connection, wanted: ItemFilter, calendar: Calendar, today: date) -> Sequence[date]:
    """The days on which items of these ages were first seen: a day for each run, so they are few."""
    i = open_item.c
    open_ones = i.reconciliation_id == wanted.reconciliation_id, i.state != ItemState.CLEARED.value
    days = list(conn.execute(select(i.first_seen_on).where(*open_ones).distinct()).scalars())
    ages = calendar.ages(np.array(days, "datetime64[D]"), today)
    return [day for day, age in zip(days, ages.tolist(), strict=True) if age_place(age) in wanted.ages]


def age_place(age: int) -> int:
    """The place in AGES of an age in business days."""
    return next(place for place, (_, last) in enumerate(AGES) if last is None or age <= last)


def _item(row: Row[Any], calendar: Calendar, today: date) -> Item:
    names = [name for name in Item.__dataclass_fields__ if name not in ("age", "stage")]
    waits = row.state == ItemState.IN_TRANSIT and row.due_on is not None and row.due_on > today
    stage = Stage.CLEARED if row.state == ItemState.CLEARED else Stage.IN_TRANSIT if waits else Stage.MISSING
    values = {name: row._mapping[name] for name in names}
    values |= {"side": Side(row.side), "cleared_by": row.cleared_by and ClearedBy(row.cleared_by)}
    return Item(**values, stage=stage, age=calendar.age(row.first_seen_on, today))
