"""Who owns which reconciliation, as pages show it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Engine, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by

from recon.store.definition_tables import reconciliation_owner
from recon.store.tables import reconciliation, run


def owners_by_reconciliation(engine: Engine) -> Mapping[str, tuple[str, ...]]:
    """Reconciliation -> its owners, by name; one that nobody owns is left out."""
    o = reconciliation_owner.c
    names = func.array_agg(aggregate_order_by(o.name, o.name))
    query = select(reconciliation.c.name, names).join_from(reconciliation, reconciliation_owner)
    with engine.connect() as conn:
        return {name: tuple(owners) for name, owners in conn.execute(query.group_by(reconciliation.c.name))}


def owners_of_run(engine: Engine, run_id: int) -> tuple[str, ...]:
    """Who owns the reconciliation of a run, by name."""
    o = reconciliation_owner.c
    query = select(o.name).join(run, run.c.reconciliation_id == o.reconciliation_id).where(run.c.id == run_id)
    with engine.connect() as conn:
        return tuple(conn.execute(query.order_by(o.name)).scalars())
