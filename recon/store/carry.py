"""Runs of a reconciliation that carries its open items: which one is newest, which files came before, what was told.

Published runs of one reconciliation follow each other by `number`. A run of the newest run's files is another try of
it: it begins with what that one began with, and takes its place. Whatever repeats an older run only looks back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert

from recon.calendar import WEEKDAYS
from recon.model.transactions import Side
from recon.store.tables import reading, reconciliation, run
from recon.store.workbench_tables import run_amendment, run_carry, run_side


@dataclass(frozen=True, slots=True, kw_only=True)
class CarrySettings:
    """How a reconciliation carries. Days: business days of `calendar` until a counterpart is due; None: never said."""

    is_on: bool
    calendar: str
    due_days: Mapping[Side, int | None]


OF_NEW: Final = CarrySettings(is_on=True, calendar=WEEKDAYS, due_days=dict.fromkeys(Side))
"""How a reconciliation carries that a person makes, until somebody says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CarriedRun:
    """A run as the chain knows it. `number` is None until it is published."""

    run_id: int
    run_key: str
    attempt: int | None
    as_of: date
    pool_hash: str
    replaces_id: int | None
    looks_back: bool
    number: int | None
    reading_keys: Mapping[Side, str]
    manifest: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierFile:
    """A side's file of an earlier run in effect, and its first and last day."""

    reading_key: str
    first_on: date
    last_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class SideCount:
    """Where the rows of a run's side come from; `first_on` and `last_on` are the file's days."""

    file_count: int
    earlier_count: int
    amended_count: int
    carried_count: int
    row_count: int
    first_on: date | None
    last_on: date | None


def settings(conn: Connection, reconciliation_id: int) -> CarrySettings:
    """How the reconciliation carries its open items."""
    r = reconciliation.c
    row = conn.execute(
        select(r.carry_forward, r.calendar, r.source_due_days, r.reference_due_days).where(r.id == reconciliation_id)
    ).one()
    due = {Side.SOURCE: row.source_due_days, Side.REFERENCE: row.reference_due_days}
    return CarrySettings(is_on=row.carry_forward, calendar=row.calendar, due_days=due)


def save_settings(conn: Connection, reconciliation_id: int, wanted: CarrySettings) -> bool:
    """Make these the reconciliation's; False when they are already."""
    values = {
        "carry_forward": wanted.is_on,
        "calendar": wanted.calendar,
        "source_due_days": wanted.due_days[Side.SOURCE],
        "reference_due_days": wanted.due_days[Side.REFERENCE],
    }
    differs = or_(*(reconciliation.c[name].is_distinct_from(value) for name, value in values.items()))
    this = update(reconciliation).where(reconciliation.c.id == reconciliation_id, differs)
    return bool(conn.execute(this.values(values)).rowcount)


def today(conn: Connection) -> date:
    """The day by the database's clock, in UTC."""
    found: date = conn.execute(text("select (clock_timestamp() at time zone 'UTC')::date")).scalar_one()
    return found


def newest(conn: Connection, reconciliation_id: int) -> CarriedRun | None:
    """The published run whose outcome the open items are."""
    c = run_carry.c
    query = _RUNS.where(c.reconciliation_id == reconciliation_id, c.number.is_not(None), c.replaced_by_id.is_(None))
    row = conn.execute(query.order_by(c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _carried_run(row)


def before(conn: Connection, reconciliation_id: int, run_id: int) -> int | None:
    """The run in effect that the run of that number, which is in effect, follows."""
    c, this = run_carry.c, run_carry.alias("this")
    query = select(c.run_id).where(
        c.reconciliation_id == reconciliation_id,
        c.replaced_by_id.is_(None),
        c.number < select(this.c.number).where(this.c.run_id == run_id).scalar_subquery(),
    )
    return conn.execute(query.order_by(c.number.desc()).limit(1)).scalar_one_or_none()


def find(conn: Connection, run_id: int) -> CarriedRun | None:
    """The run of that number, if it carries open items."""
    row = conn.execute(_RUNS.where(run_carry.c.run_id == run_id)).one_or_none()
    return None if row is None else _carried_run(row)


def like(conn: Connection, reconciliation_id: int, *, base_key: str, as_of: date | None) -> CarriedRun | None:
    """The newest run in effect of the same readings, rules and engine, and of that day if one is given."""
    c = run_carry.c
    query = _RUNS.where(
        c.reconciliation_id == reconciliation_id,
        c.number.is_not(None),
        c.replaced_by_id.is_(None),
        func.split_part(run.c.run_key, ".", 1) == base_key,
    )
    if as_of is not None:
        query = query.where(c.as_of == as_of)
    row = conn.execute(query.order_by(c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _carried_run(row)


def earlier_files(
    conn: Connection, reconciliation_id: int, side: Side, *, before: int | None, first_on: date, last_on: date
) -> tuple[EarlierFile, ...]:
    """Files of the runs in effect before the one of that number (None: of all) that have rows of these days."""
    c, later = run_carry.c, run_carry.alias("later")
    reading_id = run.c.source_reading_id if side is Side.SOURCE else run.c.reference_reading_id
    query = (
        select(reading.c.reading_key, run_side.c.first_on, run_side.c.last_on)
        .join_from(run_carry, run_side, and_(run_side.c.run_id == c.run_id, run_side.c.side == side.value))
        .join(run, run.c.id == c.run_id)
        .join(reading, reading.c.id == reading_id)
        .outerjoin(later, later.c.run_id == c.replaced_by_id)
        .where(
            c.reconciliation_id == reconciliation_id,
            c.number.is_not(None),
            run_side.c.first_on <= last_on,
            run_side.c.last_on >= first_on,
        )
        .order_by(c.number)
    )
    if before is None:
        query = query.where(c.replaced_by_id.is_(None))
    else:
        query = query.where(c.number < before, or_(c.replaced_by_id.is_(None), later.c.number > before))
    return tuple(EarlierFile(**row._mapping) for row in conn.execute(query))


def plan(
    conn: Connection,
    run_id: int,
    *,
    reconciliation_id: int,
    as_of: date,
    pool_hash: str,
    replaces_id: int | None,
    looks_back: bool,
) -> None:
    """Write down what a run that is asked for, or begins anew, is to carry."""
    values = {
        "as_of": as_of,
        "pool_hash": pool_hash,
        "replaces_id": replaces_id,
        "looks_back": looks_back,
    }
    statement = upsert(run_carry).values(run_id=run_id, reconciliation_id=reconciliation_id, **values)
    conn.execute(statement.on_conflict_do_update(index_elements=["run_id"], set_=values))


def drop(conn: Connection, run_id: int) -> None:
    """Forget what a run that was asked for was to carry: its reconciliation carries nothing any more."""
    conn.execute(delete(run_carry).where(run_carry.c.run_id == run_id, run_carry.c.number.is_(None)))


def conclude(
    conn: Connection,
    run_id: int,
    *,
    sides: Mapping[Side, SideCount],
    amendments: Sequence[Mapping[str, Any]],
    counts: Mapping[str, int],
) -> None:
    """Write down what a run carried, in the transaction that publishes it; it is the newest now, unless it looks back.

    The caller holds the lock of the reconciliation.
    """
    this = find(conn, run_id)
    assert this is not None
    own = update(run_carry).where(run_carry.c.run_id == run_id)
    conn.execute(own.values(carried_count=sum(side.carried_count for side in sides.values()), **counts))
    conn.execute(
        insert(run_side),
        [
            {"run_id": run_id, "side": side.value, **{name: getattr(count, name) for name in SideCount.__slots__}}
            for side, count in sides.items()
        ],
    )
    if amendments:
        conn.execute(insert(run_amendment), [{"run_id": run_id, **one} for one in amendments])
    if this.looks_back:
        return
    other = run_carry.alias("other")
    last = (
        select(func.coalesce(func.max(other.c.number), 0))
        .where(other.c.reconciliation_id == run_carry.c.reconciliation_id)
        .scalar_subquery()
    )
    conn.execute(own.values(number=last + 1))
    if this.replaces_id is not None:
        conn.execute(update(run_carry).where(run_carry.c.run_id == this.replaces_id).values(replaced_by_id=run_id))


_source, _reference = reading.alias("source_reading"), reading.alias("reference_reading")
_RUNS = (
    select(
        run_carry.c.run_id,
        run.c.run_key,
        run.c.published_attempt.label("attempt"),
        run_carry.c.as_of,
        run_carry.c.pool_hash,
        run_carry.c.replaces_id,
        run_carry.c.looks_back,
        run_carry.c.number,
        _source.c.reading_key.label("source"),
        _reference.c.reading_key.label("reference"),
        run.c.manifest,
    )
    .join_from(run_carry, run, run.c.id == run_carry.c.run_id)
    .join(_source, _source.c.id == run.c.source_reading_id)
    .join(_reference, _reference.c.id == run.c.reference_reading_id)
)


def _carried_run(row: Any) -> CarriedRun:
    values = dict(row._mapping)
    keys = {side: values.pop(side.value) for side in Side}
    return CarriedRun(**{**values, "manifest": values["manifest"] or {}}, reading_keys=keys)
