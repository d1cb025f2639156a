"""How a reconciliation carries its open items, as the next run will go by it."""

from __future__ import annotations

from sqlalchemy import Engine, select

from recon.store import carry
from recon.store.carry import CarrySettings
from recon.store.tables import reconciliation

__all__ = ["CarrySettings", "carrying"]


def carrying(engine: Engine, name: str) -> CarrySettings:
    """What holds for the reconciliation of that name; for one that is not there yet, what it will begin with."""
    with engine.connect() as connection:
        number = connection.execute(select(reconciliation.c.id).where(reconciliation.c.name == name)).scalar()
        if number is None:
            return carry.OF_NEW
        return carry.settings(connection, number)
