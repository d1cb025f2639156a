"""Who works here, and what needs a second person. Reads only."""

from __future__ import annotations

from sqlalchemy import Engine, select

from recon.model.people import Person, PersonRole, Policy
from recon.store import people as store
from recon.store.tables import reconciliation


def people(engine: Engine) -> tuple[Person, ...]:
    """Everyone listed, by name."""
    with engine.connect() as conn:
        return store.people(conn)


def may_approve(engine: Engine, name: str) -> bool:
    """Whether that person may decide on what others propose; everyone may while nobody is listed."""
    with engine.connect() as conn:
        person = store.find(conn, name)
        if person is None:
            return not store.is_anyone_listed(conn)
        return person.is_active and person.role is PersonRole.APPROVER


def policies(engine: Engine) -> tuple[Policy, ...]:
    with engine.connect() as conn:
        return store.policies(conn)


def reconciliations(engine: Engine) -> dict[int, str]:
    """Id -> name of every reconciliation, by name."""
    with engine.connect() as conn:
        rows = conn.execute(select(reconciliation.c.id, reconciliation.c.name).order_by(reconciliation.c.name))
        return {row.id: row.name for row in rows}
