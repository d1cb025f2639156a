"""The definitions of reconciliations, as one reads them: when made, when last run, where write-offs go."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, Select, select, true

from recon.model.settlement import WriteOffAccounts
from recon.store import write_offs
from recon.store.tables import reconciliation, run


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinitionRow:
    """One reconciliation. What is said of its last run, of any kind, is None until there is one.

    `runs_itself_by`: who had it run by itself once both feeds have a new file; None: it does not.
    """

    id: int
    name: str
    created_at: datetime
    created_by: str
    carry_forward: bool
    runs_itself_by: str | None
    runs_itself_since: datetime | None
    last_run_id: int | None
    last_status: str | None
    last_requested_at: datetime | None


def definition_rows(engine: Engine) -> tuple[DefinitionRow, ...]:
    """Every reconciliation, by name."""
    with engine.connect() as conn:
        return tuple(DefinitionRow(**row._mapping) for row in conn.execute(_rows().order_by(reconciliation.c.name)))


def accounts_of(engine: Engine, reconciliation_id: int) -> tuple[WriteOffAccounts, ...]:
    """Where its write-offs are posted, by currency."""
    with engine.connect() as conn:
        found = write_offs.accounts_of(conn, reconciliation_id)
    return tuple(found[currency] for currency in sorted(found))


def _rows() -> Select[tuple[object, ...]]:
    r = reconciliation.c
    last = (
        select(
            run.c.id.label("last_run_id"),
            run.c.status.label("last_status"),
            run.c.requested_at.label("last_requested_at"),
        )
        .where(run.c.reconciliation_id == r.id)
        .order_by(run.c.requested_at.desc(), run.c.id.desc())
        .limit(1)
        .lateral("last")
    )
    columns = ("id", "name", "created_at", "created_by", "carry_forward", "runs_itself_by", "runs_itself_since")
    return select(*(r[name] for name in columns), *last.c).select_from(reconciliation.outerjoin(last, true()))
