"""The definition of a reconciliation: found by its name, and whether it runs by itself. In the caller's transaction."""

from __future__ import annotations

from sqlalchemy import Connection, select

from recon.errors import ReconciliationNotFound
from recon.store.tables import reconciliation


def find(conn: Connection, name: str, *, to_change: bool = False) -> int:
    """The number of the reconciliation of that name; locked until the transaction ends where it is about to change.

    Raises `ReconciliationNotFound`.
    """
    query = select(reconciliation.c.id).where(reconciliation.c.name == name)
    found: int | None = conn.execute(query.with_for_update(key_share=True) if to_change else query).scalar_one_or_none()
    if found is None:
        raise ReconciliationNotFound(name)
    return found
