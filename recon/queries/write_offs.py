"""Where write-offs of a run's reconciliation are posted."""

from __future__ import annotations

from sqlalchemy import Engine, select

from recon.model.settlement import WriteOffAccounts
from recon.store import write_offs
from recon.store.tables import run


def write_off_accounts(engine: Engine, run_id: int) -> tuple[WriteOffAccounts, ...]:
    """The accounts named for the run's reconciliation, by currency."""
    with engine.connect() as conn:
        reconciliation_id = conn.execute(select(run.c.reconciliation_id).where(run.c.id == run_id)).scalar_one()
        found = write_offs.accounts_of(conn, reconciliation_id)
    return tuple(found[currency] for currency in sorted(found))
