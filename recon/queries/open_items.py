"""Open items as pages and the API show them: what is open and how old, what a run cleared, and what was amended.

Age is counted in business days of the reconciliation's calendar, from the day an item was first seen; it never begins
anew.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, Row, func, select

from recon.calendar import calendar_of
from recon.model.open_items import ClearedBy, ItemState
from recon.model.transactions import Side
from recon.store.carry import today
from recon.store.tables import reconciliation
from recon.store.workbench_tables import open_item, run_amendment, run_carry, run_side


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenItem:
    """One item. `age` in business days; `amount` in minor units; `first_line`: its line in the first run's file.

    `is_due`: whether its counterpart should be there by now.
    """

    id: int
    side: Side
    fingerprint: str
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
    state: ItemState
    cleared_by: str | None
    cleared_run_id: int | None
    decision_id: int | None
    amends_id: int | None
    age: int
    is_due: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFilter:
    """Which items; nothing given leaves all in. `states` empty: those not cleared."""

    side: Side | None = None
    currency: str | None = None
    states: tuple[ItemState, ...] = ()
    search: str = ""
    first_run_id: int | None = None
    cleared_run_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCarried:
    """Where the rows of a run's side come from."""

    file_count: int
    earlier_count: int
    amended_count: int
    carried_count: int
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearedLater:
    """How many of a run's items a later run cleared."""

    run_id: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCarried:
    """What a run carried, and what later runs cleared of what it left open.

    `looks_back`: it repeats a run that is not the newest, so no item changed. `replaces_id`, `replaced_by_id`: other
    tries of the same files.
    """

    as_of: date
    carried_count: int
    cleared_count: int
    opened_count: int
    looks_back: bool
    replaces_id: int | None
    replaced_by_id: int | None
    sides: Mapping[Side, SideCarried]
    amendment_count: int
    cleared_later: tuple[ClearedLater, ...]

    @property
    def earlier_count(self) -> int:
        """Rows of both files that earlier runs had."""
        return sum(side.earlier_count for side in self.sides.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class AmendedRow:
    """A row that says something else than an earlier one of its id. `changed`: column -> (before, after), as texts.

    `was_open`: it took the open item's place. Else what it amends was settled, and it was left out.
    """

    side: Side
    line: int
    txn_id: str
    was_open: bool
    changed: Mapping[str, tuple[str | None, str | None]]


def open_items(
    engine: Engine,
    reconciliation_id: int,
    wanted: ItemFilter,
    *,
    as_of: date | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[OpenItem, ...]:
    """Items of a reconciliation that fit, oldest first. `as_of` None: ages as of today, in UTC."""
    query = select(open_item).where(*_where(reconciliation_id, wanted))
    query = query.order_by(open_item.c.first_seen_on, open_item.c.id).limit(limit).offset(offset)
    with engine.connect() as connection:
        day = as_of or today(connection)
        code = connection.execute(
            select(reconciliation.c.calendar).where(reconciliation.c.id == reconciliation_id)
        ).scalar_one()
        calendar = calendar_of(code)
        return tuple(_item(row, calendar.age(row.first_seen_on, day), day) for row in connection.execute(query))


def open_item_count(engine: Engine, reconciliation_id: int, wanted: ItemFilter) -> int:
    """How many fit."""
    query = select(func.count()).select_from(open_item).where(*_where(reconciliation_id, wanted))
    with engine.connect() as connection:
        return connection.execute(query).scalar_one()


def run_carried(engine: Engine, run_id: int) -> RunCarried | None:
    """What a published run carried; None for a run of a reconciliation that carries nothing."""
    with engine.connect() as connection:
        row = connection.execute(select(run_carry).where(run_carry.c.run_id == run_id)).one_or_none()
        if row is None or row.carried_count is None:
            return None
        amended = select(func.count()).select_from(run_amendment).where(run_amendment.c.run_id == run_id)
        return RunCarried(
            as_of=row.as_of,
            carried_count=row.carried_count,
            cleared_count=row.cleared_count,
            opened_count=row.opened_count,
            looks_back=row.looks_back,
            replaces_id=row.replaces_id,
            replaced_by_id=row.replaced_by_id,
            sides=_sides(connection, run_id),
            amendment_count=connection.execute(amended).scalar_one(),
            cleared_later=_cleared_later(connection, run_id),
        )


def cleared_by_run(engine: Engine, run_id: int, lines: Mapping[Side, Sequence[int]]) -> dict[tuple[Side, int], int]:
    """(side, line) of a run's open rows -> the later run that cleared them. A line below 0 is an item's number."""
    found: dict[tuple[Side, int], int] = {}
    item = open_item.c
    with engine.connect() as connection:
        for side, wanted in lines.items():
            cleared = select(item.id, item.first_line, item.cleared_run_id).where(
                item.side == side.value, item.cleared_by == ClearedBy.MATCH.value, item.cleared_run_id != run_id
            )
            own = [line for line in wanted if line >= 0]
            for row in connection.execute(cleared.where(item.first_run_id == run_id, item.first_line.in_(own))):
                found[side, row.first_line] = row.cleared_run_id
            carried = [-line for line in wanted if line < 0]
            for row in connection.execute(cleared.where(item.id.in_(carried), item.cleared_run_id > run_id)):
                found[side, -row.id] = row.cleared_run_id
    return found


def first_runs(engine: Engine, lines: Sequence[int]) -> dict[int, int]:
    """Line of a carried row (below 0: an item's number) -> the run in which it came first; other lines are left out."""
    numbers = [-line for line in lines if line < 0]
    if not numbers:
        return {}
    item = open_item.c
    with engine.connect() as connection:
        rows = connection.execute(select(item.id, item.first_run_id).where(item.id.in_(numbers)))
        return {-row.id: row.first_run_id for row in rows}


def amended_rows(engine: Engine, run_id: int) -> tuple[AmendedRow, ...]:
    """What a run's files say anew of earlier rows, by side and line."""
    a = run_amendment.c
    query = select(run_amendment).where(a.run_id == run_id).order_by(a.side.desc(), a.line)
    with engine.connect() as connection:
        return tuple(
            AmendedRow(
                side=Side(row.side),
                line=row.line,
                txn_id=row.txn_id,
                was_open=row.was_open,
                changed=_changed(row.before, row.after),
            )
            for row in connection.execute(query)
        )


def _where(reconciliation_id: int, wanted: ItemFilter) -> list[ColumnElement[bool]]:
    item = open_item.c
    states = wanted.states or (ItemState.OPEN, ItemState.IN_TRANSIT)
    where: list[ColumnElement[bool]] = [item.reconciliation_id == reconciliation_id]
    if ItemState.CLEARED not in states:  # as the index of items that stand has it
        where.append(item.state != ItemState.CLEARED.value)
    where.append(item.state.in_([state.value for state in states]))
    if wanted.side is not None:
        where.append(item.side == wanted.side.value)
    if wanted.currency is not None:
        where.append(item.currency == wanted.currency)
    if wanted.first_run_id is not None:
        where.append(item.first_run_id == wanted.first_run_id)
    if wanted.cleared_run_id is not None:
        where.append(item.cleared_run_id == wanted.cleared_run_id)
    if search := wanted.search.strip():
        text = func.concat_ws(" ", item.txn_id, item.payment_ref, item.description, item.counterparty)
        where.append(text.icontains(search, autoescape=True))
    return where


def _item(row: Row[Any], age: int, as_of: date) -> OpenItem:
    values = {name: row._mapping[name] for name in OpenItem.__dataclass_fields__ if name not in ("age", "is_due")}
    values |= {"side": Side(row.side), "state": ItemState(row.state)}
    return OpenItem(**values, age=age, is_due=row.due_on is None or row.due_on <= as_of)


def _sides(connection: Connection, run_id: int) -> dict[Side, SideCarried]:
    rows = connection.execute(select(run_side).where(run_side.c.run_id == run_id))
    names = SideCarried.__dataclass_fields__
    return {Side(row.side): SideCarried(**{name: row._mapping[name] for name in names}) for row in rows}


def _cleared_later(connection: Connection, run_id: int) -> tuple[ClearedLater, ...]:
    item = open_item.c
    rows = connection.execute(
        select(item.cleared_run_id, func.count().label("row_count"))
        .where(item.first_run_id == run_id, item.cleared_by == ClearedBy.MATCH.value, item.cleared_run_id != run_id)
        .group_by(item.cleared_run_id)
        .order_by(item.cleared_run_id)
    )
    return tuple(ClearedLater(run_id=row.cleared_run_id, count=row.row_count) for row in rows)


def _changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, tuple[str | None, str | None]]:
    names = dict.fromkeys((*before, *after))
    pairs = {name: (before.get(name), after.get(name)) for name in names}
    texts = {name: (_text(old), _text(new)) for name, (old, new) in pairs.items() if old != new}
    return dict(sorted(texts.items()))


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
