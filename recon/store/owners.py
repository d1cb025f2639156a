"""Who owns a reconciliation: whose its discrepancies are while nobody is assigned. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select

from recon.store import audit, definitions
from recon.store.definition_tables import reconciliation_owner


def owners(conn: Connection, reconciliation_id: int) -> tuple[str, ...]:
    """The owners' names, in order."""
    o = reconciliation_owner.c
    query = select(o.name).where(o.reconciliation_id == reconciliation_id).order_by(o.name)
    return tuple(conn.execute(query).scalars())


def set_owners(conn: Connection, reconciliation_name: str, names: Iterable[str], *, actor: str) -> bool:
    """Make these the owners and no others; False when they were already. Raises `ReconciliationNotFound`."""
    number = definitions.find(conn, reconciliation_name, to_change=True)
    wanted, before = tuple(sorted(set(names))), owners(conn, number)
    if wanted == before:
        return False
    conn.execute(delete(reconciliation_owner).where(reconciliation_owner.c.reconciliation_id == number))
    if wanted:
        conn.execute(insert(reconciliation_owner), [{"reconciliation_id": number, "name": name} for name in wanted])
    detail = {"before": list(before), "after": list(wanted)}
    audit.record(conn, actor=actor, action="owners_named", subject=f"reconciliation {number}", detail=detail)
    return True
