"""How old open items are, by reconciliation: what is in transit, and what is missing by age in business days.

Age counts from the day an item was first seen, by the calendar of its reconciliation; it never begins anew.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

import numpy as np
from sqlalchemy import Engine, and_, func, select

from recon.calendar import calendar_of
from recon.model.open_items import ItemState
from recon.store.tables import reconciliation
from recon.store.workbench_tables import open_item, run_carry

AGES: Final = (("0–1 d", 1), ("2–5 d", 5), ("6–10 d", 10), ("11+ d", None))
"""Label and last business day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAges:
    """Open items of one reconciliation. `missing`: how many of each of AGES; `run_id`: the run that had them last."""

    reconciliation: str
    run_id: int
    in_transit: int
    missing: tuple[int, ...]

    @property
    def missing_count(self) -> int:
        return sum(self.missing)


def open_ages(engine: Engine, *, today: date, reconciliation_name: str | None = None) -> tuple[OpenAges, ...]:
    """Every reconciliation that has open items, or the one of that name, by name."""
    i = open_item.c
    on_its_way = func.coalesce(and_(i.state == ItemState.IN_TRANSIT.value, i.due_on > today), False)
    items = (
        select(i.reconciliation_id, i.first_seen_on, on_its_way.label("on_its_way"), func.count().label("row_count"))
        .where(i.state != ItemState.CLEARED.value)
        .group_by(i.reconciliation_id, i.first_seen_on, on_its_way)
        .subquery()
    )
    newest = (
        select(run_carry.c.reconciliation_id, func.max(run_carry.c.run_id).label("run_id"))
        .where(run_carry.c.number.is_not(None))
        .group_by(run_carry.c.reconciliation_id)
        .subquery()
    )
    r = reconciliation.c
    query = (
        select(r.name, r.calendar, newest.c.run_id, items.c.first_seen_on, items.c.on_its_way, items.c.row_count)
        .join_from(reconciliation, items, items.c.reconciliation_id == r.id)
        .join(newest, newest.c.reconciliation_id == r.id)
        .order_by(r.name)
    )
    if reconciliation_name is not None:
        query = query.where(r.name == reconciliation_name)
    with engine.connect() as conn:
        rows = conn.execute(query).all()
    return tuple(_ages(name, list(its), today) for name, its in groupby(rows, attrgetter("name")))


def _ages(name: str, rows: list[Any], today: date) -> OpenAges:
    missing = [row for row in rows if not row.on_its_way]
    days = np.array([row.first_seen_on for row in missing], "datetime64[D]")
    ages = calendar_of(rows[0].calendar).ages(days, today)
    counts = [0] * len(AGES)
    for row, age in zip(missing, ages, strict=True):
        counts[_bucket(int(age))] += row.row_count
    return OpenAges(
        reconciliation=name,
        run_id=rows[0].run_id,
        in_transit=sum(row.row_count for row in rows if row.on_its_way),
        missing=tuple(counts),
    )


def _bucket(age: int) -> int:
    lasts: Iterable[int | None] = (last for _, last in AGES)
    return next(place for place, last in enumerate(lasts) if last is None or age <= last)
