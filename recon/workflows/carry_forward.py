"""Carry open items into a run: which rows it has, what people decided about them, and what becomes of the items.

A run's rows are what is new in its files, followed by the items it carries. So its proof is about what was not settled
before, and with the counts of `run_side` every row of a file is accounted for: new, of an earlier run, or an amendment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from sqlalchemy import Connection

from recon.calendar import Calendar, calendar_of
from recon.discrepancies.carry_forward import Recognised, recognise
from recon.errors import OpenItemsMoved
from recon.matching.decided import decided_rows
from recon.model.decisions import Decided, Decision
from recon.model.due import NEVER, Due
from recon.model.fingerprint import CONTENT, alike, fingerprints, fingerprints_where
from recon.model.open_items import ITEM_SCHEMA, ItemState
from recon.model.outcome import MatchStatus, Outcome
from recon.model.transactions import TRANSACTION_SCHEMA, Side
from recon.store import carried_discrepancies, carry, open_items
from recon.store.carry import CarriedRun, EarlierFile, SideCount
from recon.store.evidence import Evidence, reading_name, run_name
from recon.store.open_items import LEFT_SCHEMA, Changes
from recon.store.reading_files import TRANSACTIONS
from recon.store.run_files import carried_rows, own_rows
from recon.store.runs import Run
from recon.workflows.carry_plan import CarryPlan

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class SideRows:
    """One side: its file, the items there were, what of the file is new, and the rows that go into the run.

    `rows` are `own_count` new ones and then the items that are carried: those no row of the file amends.
    """

    file: pa.Table
    pool: pa.Table
    known: Recognised
    rows: pa.Table
    own_count: int
    due: Due


@dataclass(frozen=True, slots=True, kw_only=True)
class Carrying:
    """What a run carries: its plan, the rows of both sides, and what was decided about them.

    `decision_ids`: all decisions that stood when it began.
    """

    run_id: int
    attempt: int
    reconciliation_id: int
    plan: CarryPlan
    sides: Mapping[Side, SideRows]
    decided: Decided | None
    decision_ids: tuple[int, ...]

    @property
    def due(self) -> dict[Side, Due]:
        """When the counterparts of each side's rows are due."""
        return {side: rows.due for side, rows in self.sides.items()}

    def parts(self) -> dict[str, pa.Table]:
        """What is kept of it as evidence: the items it began with, and its rows where they are not just the file's."""
        kept = {}
        for side, rows in self.sides.items():
            if rows.pool.num_rows:
                kept[carried_rows(side)] = rows.pool
            if rows.rows is not rows.file:
                kept[own_rows(side)] = rows.rows
        return kept

    def document(self) -> dict[str, Any]:
        """What else decided the result, as JSON takes it: with this and `parts` the run can be done again."""
        settings = self.plan.settings
        return {
            "as_of": self.plan.as_of.isoformat(),
            "calendar": settings.calendar,
            "due_days": {side.value: settings.due_days[side] for side in Side},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the database knows of what came before. `pools` is None where they are those of the plan's basis."""

    pools: Mapping[Side, pa.Table] | None
    earlier: Mapping[Side, tuple[EarlierFile, ...]]


def look_around(conn: Connection, run: Run, plan: CarryPlan, files: Mapping[Side, pa.Table]) -> Around:
    """The items that are open now, and the earlier files of the days these have."""
    pools = None
    if not plan.looks_back:
        pools = open_items.carried(conn, run.reconciliation_id, another_try_of=plan.replaces_id)
    return Around(pools=pools, earlier={side: _earlier_files(conn, run, plan, side, files[side]) for side in Side})


def carry_items(
    evidence: Evidence,
    run: Run,
    plan: CarryPlan,
    around: Around,
    files: Mapping[Side, pa.Table],
    standing: Sequence[Decision],
) -> Carrying:
    """What the run is to carry, with what stands of people's decisions replayed on its rows."""
    pools = around.pools
    if pools is None:
        assert plan.basis is not None
        pools = {side: _carried_by(evidence, plan.basis, side) for side in Side}
    calendar = calendar_of(plan.settings.calendar)
    sides = {
        side: _side(
            files[side], pools[side], _rows_of(evidence, around.earlier[side], files[side]), plan, calendar, side
        )
        for side in Side
    }
    decided = None
    if standing:
        names = {side: _names(rows, standing, side) for side, rows in sides.items()}
        decided = decided_rows(names[Side.SOURCE], names[Side.REFERENCE], standing)
    return Carrying(
        run_id=run.id,
        attempt=run.attempt,
        reconciliation_id=run.reconciliation_id,
        plan=plan,
        sides=sides,
        decided=decided,
        decision_ids=tuple(one.id for one in standing),
    )


def conclude_carrying(conn: Connection, carrying: Carrying, outcome: Outcome) -> None:
    """Change the open items to what the run found, in the transaction that publishes it.

    Raises `OpenItemsMoved` when another run was published since this one began, or a person settled what it matched.
    """
    plan, number = carrying.plan, carrying.run_id
    open_items.lock(conn, carrying.reconciliation_id)
    newest = carry.newest(conn, carrying.reconciliation_id)
    if (newest and newest.run_id) != (plan.newest and plan.newest.run_id):
        raise OpenItemsMoved(number)
    counts = {"cleared_count": 0, "opened_count": 0}
    if not plan.looks_back:
        counts = open_items.apply(
            conn,
            _changes(carrying, outcome),
            run_id=number,
            reconciliation_id=carrying.reconciliation_id,
            as_of=plan.as_of,
            replaces_id=plan.replaces_id,
        )
    carry.conclude(
        conn,
        number,
        sides={side: _count(rows) for side, rows in carrying.sides.items()},
        amendments=[line for side, rows in carrying.sides.items() for line in _amendments(side, rows)],
        counts=counts,
    )
    if not plan.looks_back:
        _follow(conn, carrying)


def _follow(conn: Connection, carrying: Carrying) -> None:
    """Let what the run before left to do go on in this one."""
    plan = carrying.plan
    previous = carry.before(conn, carrying.reconciliation_id, carrying.run_id)
    carried_discrepancies.follow(
        conn,
        carrying.run_id,
        carrying.attempt,
        previous_id=previous,
        replaces_id=plan.replaces_id,
    )


# What goes in ---------------------------------------------------------------------------------------------------------


def _earlier_files(conn: Connection, run: Run, plan: CarryPlan, side: Side, file: pa.Table) -> tuple[EarlierFile, ...]:
    if not file.num_rows:
        return ()
    days = pc.min_max(file["date"]).as_py()
    return carry.earlier_files(
        conn, run.reconciliation_id, side, before=plan.before, first_on=days["min"], last_on=days["max"]
    )


def _carried_by(evidence: Evidence, run: CarriedRun, side: Side) -> pa.Table:
    name = run_name(run.run_id, run.attempt or 0, carried_rows(side))
    return evidence.read_table(name) if name in run.manifest else ITEM_SCHEMA.empty_table()


def _rows_of(evidence: Evidence, files: tuple[EarlierFile, ...], file: pa.Table) -> list[pa.Table]:
    """Rows of earlier files, of the days this file has."""
    if not files:
        return []
    days = pc.min_max(file["date"]).as_py()
    within = [("date", ">=", days["min"]), ("date", "<=", days["max"])]
    return [
        evidence.read_table(reading_name(one.reading_key, TRANSACTIONS), ["line", *CONTENT, "fee"], within)
        for one in files
    ]


def _side(
    file: pa.Table, pool: pa.Table, earlier: list[pa.Table], plan: CarryPlan, calendar: Calendar, side: Side
) -> SideRows:
    known = recognise(file, pool=pool, earlier=earlier)
    amended = [-one.item_id for one in known.amendments if one.item_id is not None]
    still = pool.filter(pc.invert(pc.is_in(pool["line"], pa.array(amended, pa.int64())))) if amended else pool
    is_whole = bool(known.is_new.all())
    own = file if is_whole else file.filter(pa.array(known.is_new))
    rows = pa.concat_tables([own, still.select(TRANSACTION_SCHEMA.names)]) if still.num_rows else own
    due = due_of(rows, plan.as_of, calendar, plan.settings.due_days[side])
    return SideRows(file=file, pool=pool, known=known, rows=rows, own_count=own.num_rows, due=due)


def due_of(rows: pa.Table, as_of: date, calendar: Calendar, business_days: int | None) -> Due:
    """When the counterparts of these rows are due, and which of them are awaited on that day yet."""
    if business_days is None:
        return Due(day=np.full(rows.num_rows, NEVER), is_awaited=np.zeros(rows.num_rows, np.bool_))
    dates, place = np.unique(rows["date"].to_numpy().astype("datetime64[D]"), return_inverse=True)
    day = calendar.due(dates, business_days).astype(np.int64)[place]
    return Due(day=day, is_awaited=day > np.datetime64(as_of, "D").astype(np.int64))


def _names(rows: SideRows, standing: Sequence[Decision], side: Side) -> pa.Array:
    """The fingerprints of the run's rows that could be in one of these decisions; null for its other own rows."""
    own = names_of_like(rows.file, standing, side).filter(pa.array(rows.known.is_new))
    is_carried = pc.is_in(rows.pool["line"], rows.rows["line"].slice(rows.own_count).combine_chunks())
    carried = rows.pool["fingerprint"].filter(is_carried).combine_chunks()
    return pa.concat_arrays([own, carried])


def names_of_like(file: pa.Table, standing: Sequence[Decision], side: Side) -> pa.Array:
    """Fingerprints of the rows of a file with the amount of a row in one of these decisions; null for all others."""
    amounts = {member.amount for one in standing for member in one.of(side)}
    is_like = pc.is_in(file["amount"].combine_chunks(), pa.array(sorted(amounts), pa.int64()))
    return fingerprints_where(file, is_like.to_numpy(zero_copy_only=False))


# What becomes of it ---------------------------------------------------------------------------------------------------


def _changes(carrying: Carrying, outcome: Outcome) -> Changes:
    parts: dict[str, list[int]] = {"matched": [], "settled": [], "amended": [], "waiting": [], "overdue": []}
    left = []
    for side, rows in carrying.sides.items():
        by_engine, by_people = _closed(side, rows, outcome, carrying.decided)
        number = -rows.rows["line"].to_numpy()
        is_item = np.arange(rows.rows.num_rows) >= rows.own_count
        is_open = ~by_engine & ~by_people
        parts["matched"] += number[is_item & by_engine].tolist()
        parts["settled"] += number[is_item & by_people].tolist()
        parts["waiting"] += number[is_item & is_open & rows.due.is_awaited].tolist()
        parts["overdue"] += number[is_item & is_open & ~rows.due.is_awaited].tolist()
        parts["amended"] += [one.item_id for one in rows.known.amendments if one.item_id is not None]
        left.append(_left(side, rows, np.flatnonzero(~is_item & is_open)))
    is_another_try = carrying.plan.replaces_id is not None
    return Changes(
        **parts,
        left=pa.concat_tables(left),
        known_decisions=carrying.decision_ids,
        own={
            side: frozenset(fingerprints(rows.file).to_pylist() if is_another_try else ())
            for side, rows in carrying.sides.items()
        },
    )


def _closed(side: Side, rows: SideRows, outcome: Outcome, decided: Decided | None) -> tuple[Flags, Flags]:
    """Rows that need no counterpart any more: by the engine, and by people.

    The rows of a match that leaves a part of one of them open go on together: only so does the rest stay in the proof.
    """
    closed = np.zeros(rows.rows.num_rows, np.bool_)
    is_matched = pc.equal(outcome.matches["status"], MatchStatus.MATCHED.value)
    closed[outcome.matches[f"{side.value}_row"].filter(is_matched).to_numpy()] = True
    own = outcome.netted.filter(pc.equal(outcome.netted["side"], side.value))
    for name in ("row", "other_row"):
        closed[own[name].to_numpy()] = True
    by_people, goes_on = (np.zeros(rows.rows.num_rows, np.bool_) for _ in range(2))
    if decided is not None:
        by_people |= decided.is_set_aside[side]
        for one in decided.pinned:
            flags = goes_on if one.leaves_rest else by_people
            flags[list(one.source if side is Side.SOURCE else one.reference)] = True
        for where, incoming, outgoing in decided.netted:
            if where is side:
                by_people[[incoming, outgoing]] = True
    return closed & ~by_people & ~goes_on, by_people


def _left(side: Side, rows: SideRows, at: NDArray[np.int64]) -> pa.Table:
    """New rows that stay open, as LEFT_SCHEMA has them."""
    table = rows.rows.take(pa.array(at))
    place = np.flatnonzero(rows.known.is_new)[at]
    is_left = np.zeros(rows.file.num_rows, np.bool_)
    is_left[place] = True
    names = fingerprints_where(rows.file, alike(rows.file, is_left))
    amends = {one.row: one.item_id for one in rows.known.amendments}
    day = rows.due.day[at]
    columns: dict[str, Any] = {name: _storable(table[name]) for name in TRANSACTION_SCHEMA.names if name != "line"}
    columns |= {
        "first_line": table["line"],
        "fingerprint": names.take(pa.array(place)),
        "side": pa.repeat(side.value, len(at)),
        "due_on": pa.array(np.where(day == NEVER, 0, day).astype(np.int32), mask=day == NEVER).cast(pa.date32()),
        "state": pa.array(np.where(rows.due.is_awaited[at], ItemState.IN_TRANSIT.value, ItemState.OPEN.value)),
        "amends_id": pa.array([amends.get(row) for row in place.tolist()], pa.int64()),
    }
    return pa.table({name: columns[name] for name in LEFT_SCHEMA.names}, schema=LEFT_SCHEMA)


def _storable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text as the database can hold it."""
    return pc.replace_substring(column, "\x00", "\ufffd") if pa.types.is_string(column.type) else column


def _count(rows: SideRows) -> SideCount:
    days = pc.min_max(rows.file["date"]).as_py()
    return SideCount(
        file_count=rows.file.num_rows,
        earlier_count=rows.known.earlier_count,
        amended_count=rows.known.settled_count,
        carried_count=rows.rows.num_rows - rows.own_count,
        row_count=rows.rows.num_rows,
        first_on=days["min"],
        last_on=days["max"],
    )


def _amendments(side: Side, rows: SideRows) -> list[dict[str, Any]]:
    lines = rows.file["line"]
    return [
        {
            "side": side.value,
            "line": lines[one.row].as_py(),
            "txn_id": one.after["txn_id"],
            "was_open": one.item_id is not None,
            "before": dict(one.before),
            "after": dict(one.after),
        }
        for one in rows.known.amendments
    ]
