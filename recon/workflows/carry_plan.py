"""What a run of a reconciliation that carries its open items begins with, and the key that says so.

- Files that follow: the run begins with the items that are open now. Files of an older run under its rules are that
  run, unless another day is asked for.
- The files of the newest run again, under other rules, read otherwise, after new decisions, or asked for anew: another
  try of that run. It begins with what that one began with, and takes its place.
- Any older run again: it begins with what that one began with, and changes no item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.store import carry, decisions, open_items, readings, runs
from recon.store.carry import CarriedRun, CarrySettings
from recon.workflows.run_key import run_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A run as it is asked for; `as_of` None is today."""

    reconciliation_id: int
    reading_keys: Mapping[Side, str]
    rules: Rules
    as_of: date | None
    rerun_of_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryPlan:
    """`basis`: the run whose beginning this one shares; None: it begins with what is open now.

    `newest` was the newest run when this was planned; `same`: a run in effect that has done just this.
    """

    key: str
    settings: CarrySettings
    as_of: date
    pool_hash: str
    basis: CarriedRun | None
    newest: CarriedRun | None
    looks_back: bool
    same: CarriedRun | None

    @property
    def replaces_id(self) -> int | None:
        """The run whose place it takes."""
        return self.basis.run_id if self.basis and not self.looks_back else None

    @property
    def before(self) -> int | None:
        """The place in the chain before which files count as earlier; None: all of them do."""
        return self.basis.number if self.basis else None


def plan_carry(conn: Connection, asked: Asked) -> CarryPlan | None:
    """How the run is to carry open items; None where its reconciliation does not."""
    settings = carry.settings(conn, asked.reconciliation_id)
    if not settings.is_on:
        return None
    newest = carry.newest(conn, asked.reconciliation_id)
    before = _published(conn, asked.rerun_of_id)
    as_of = asked.as_of or (before.as_of if before else carry.today(conn))
    basis = before
    if before is None and newest is not None and _same_files(conn, newest, asked):
        basis = newest
    looks_back = basis is not None and (newest is None or basis.run_id != newest.run_id)
    another_try_of = basis.run_id if basis and not looks_back else None
    pool = (
        basis.pool_hash
        if basis and looks_back
        else open_items.pool_hash(conn, asked.reconciliation_id, another_try_of=another_try_of)
    )
    decided = decisions.decisions_hash(conn, asked.reconciliation_id)

    def key(replaces_id: int | None) -> str:
        began = {
            "reconciliation": asked.reconciliation_id,
            "as_of": as_of.isoformat(),
            "open_items": pool,
            "decisions": decided,
            "calendar": settings.calendar,
            "due_days": [settings.due_days[side] for side in Side],
            "replaces": replaces_id,
        }
        keys = asked.reading_keys
        return run_key(source_key=keys[Side.SOURCE], reference_key=keys[Side.REFERENCE], rules=asked.rules, began=began)

    same: CarriedRun | None = None
    if asked.rerun_of_id is None:
        if basis is None:
            same = carry.like(conn, asked.reconciliation_id, base_key=_base_key(asked), as_of=asked.as_of)
        elif key(basis.replaces_id) == basis.run_key:
            same = basis
    return CarryPlan(
        key=key(basis.run_id if basis and not looks_back else None),
        settings=settings,
        as_of=as_of,
        pool_hash=pool,
        basis=basis,
        newest=newest,
        looks_back=looks_back,
        same=same,
    )


def _same_files(conn: Connection, newest: CarriedRun, asked: Asked) -> bool:
    """Whether the newest run's files are asked for, be it read otherwise: by another mapping, or a later reader."""
    return all(
        key == newest.reading_keys[side] or readings.are_of_one_file(conn, key, newest.reading_keys[side])
        for side, key in asked.reading_keys.items()
    )


def _base_key(asked: Asked) -> str:
    keys = asked.reading_keys
    return run_key(source_key=keys[Side.SOURCE], reference_key=keys[Side.REFERENCE], rules=asked.rules)


def write_plan(conn: Connection, run_id: int, reconciliation_id: int, plan: CarryPlan) -> None:
    """Keep with the run what it is to carry."""
    carry.plan(
        conn,
        run_id,
        reconciliation_id=reconciliation_id,
        as_of=plan.as_of,
        pool_hash=plan.pool_hash,
        replaces_id=plan.replaces_id,
        looks_back=plan.looks_back,
    )


def _published(conn: Connection, run_id: int | None) -> CarriedRun | None:
    """The run to do again, if it was published; of one that looked back, the run it looked back at."""
    while run_id is not None:
        found = carry.find(conn, run_id)
        if found is None:
            return None
        if found.number is not None:
            return found
        run_id = runs.get(conn, run_id).rerun_of_id
    return None
