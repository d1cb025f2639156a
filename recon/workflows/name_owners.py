"""Name who owns a reconciliation: whose its discrepancies are while nobody is assigned, and who hears of it first."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Engine

from recon.errors import NameMissing
from recon.model.people import Action
from recon.model.triage import ASSIGNEE_LIMIT
from recon.store import owners as store
from recon.workflows.assignees import check_assignee
from recon.workflows.permit import permit


def name_owners(engine: Engine, *, reconciliation: str, owners: Iterable[str], actor: str) -> bool:
    """Make these people its owners, and no others; False when they were already.

    Raises AssigneeUnknown for one who may not work on discrepancies, NameMissing, ReconciliationNotFound, and as
    `permit`.
    """
    wanted = {" ".join(name.split()) for name in owners} - {""}
    if any(len(name) > ASSIGNEE_LIMIT for name in wanted):
        raise NameMissing(ASSIGNEE_LIMIT)
    with engine.begin() as conn:
        permit(conn, actor, Action.RULES)
        for name in sorted(wanted):
            check_assignee(conn, name)
        return store.set_owners(conn, reconciliation, wanted, actor=actor)
