"""How a reconciliation carries its open items, as the next run will go by it, and which run that one follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, select

from recon.model.transactions import Side
from recon.store import carry
from recon.store.carry import CarrySettings
from recon.store.tables import reconciliation
from recon.store.workbench_tables import run_side

__all__ = ["CarrySettings", "NewestRun", "carrying", "newest_run"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewestRun:
    """The run the next one follows: its files by side, and the first and last day of each that has rows."""

    run_id: int
    reading_keys: Mapping[Side, str]
    days: Mapping[Side, tuple[date, date]]


def carrying(engine: Engine, name: str) -> CarrySettings:
    """What holds for the reconciliation of that name; for one that is not there yet, what it will begin with."""
    with engine.connect() as connection:
        number = connection.execute(select(reconciliation.c.id).where(reconciliation.c.name == name)).scalar()
        if number is None:
            return carry.OF_NEW
        return carry.settings(connection, number)


def newest_run(engine: Engine, name: str) -> NewestRun | None:
    """Of the reconciliation of that name; None where it carries nothing, or nothing was published yet."""
    with engine.connect() as connection:
        number = connection.execute(select(reconciliation.c.id).where(reconciliation.c.name == name)).scalar()
        if number is None or not carry.settings(connection, number).is_on:
            return None
        found = carry.newest(connection, number)
        if found is None:
            return None
        rows = connection.execute(
            select(run_side.c.side, run_side.c.first_on, run_side.c.last_on).where(
                run_side.c.run_id == found.run_id, run_side.c.first_on.is_not(None)
            )
        )
        days = {Side(row.side): (row.first_on, row.last_on) for row in rows}
    return NewestRun(run_id=found.run_id, reading_keys=found.reading_keys, days=days)
