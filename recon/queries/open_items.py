"""What a run did with open items, as pages and reports show it: what it carried, cleared and left open, and what later
runs cleared of that; where carried rows came from, and which rows were amended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine, func, select

from recon.model.open_items import ClearedBy
from recon.model.transactions import Side
from recon.store.workbench_tables import open_item, run_amendment, run_carry, run_side


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
