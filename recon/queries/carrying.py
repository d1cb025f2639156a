"""How a reconciliation carries its open items, as the next run will go by it."""

from __future__ import annotations

from sqlalchemy import Engine, select

from recon.calendar import WEEKDAYS
from recon.model.transactions import Side
from recon.store import carry
from recon.store.carry import CarrySettings
from recon.store.tables import reconciliation

__all__ = ["CarrySettings", "carrying"]


def carrying(engine: Engine, name: str) -> CarrySettings:
    """What holds for the reconciliation of that name; for one that is not there yet, that nothing is carried."""
    with engine.connect() as connection:
        number = connection.execute(select(reconciliation.c.id).where(reconciliation.c.name == name)).scalar()
        if number is None:
            return CarrySettings(is_on=False, calendar=WEEKDAYS, due_days=dict.fromkeys(Side))
        return carry.settings(connection, number)
