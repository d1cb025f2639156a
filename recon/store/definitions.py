"""The definition of a reconciliation: found by its name, and whether it runs by itself. In the caller's transaction."""

from __future__ import annotations

from sqlalchemy import Connection, func, null, select, update

from recon.errors import ReconciliationNotFound
from recon.store import audit
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


def run_by_itself(conn: Connection, name: str, *, is_on: bool, actor: str) -> bool:
    """Have the reconciliation run by itself in the actor's name, or not any more; False when it is so already.

    Raises `ReconciliationNotFound`.
    """
    number = find(conn, name, to_change=True)
    r = reconciliation.c
    before: str | None = conn.execute(select(r.runs_itself_by).where(r.id == number)).scalar_one()
    if (before is not None) == is_on:
        return False
    values = {
        "runs_itself_by": actor if is_on else None,
        "runs_itself_since": func.clock_timestamp() if is_on else null(),
    }
    conn.execute(update(reconciliation).where(r.id == number).values(values))
    detail = {"before": before, "after": actor if is_on else None}
    audit.record(conn, actor=actor, action="runs_by_itself_set", subject=f"reconciliation {number}", detail=detail)
    return True
