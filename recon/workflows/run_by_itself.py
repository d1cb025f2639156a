"""Say whether a reconciliation runs by itself once both its feeds have a new file."""

from __future__ import annotations

from sqlalchemy import Engine

from recon.model.people import Action
from recon.store import definitions
from recon.workflows.permit import permit


def run_by_itself(engine: Engine, *, reconciliation: str, is_on: bool, actor: str) -> bool:
    """Switch it on, in the actor's name, or off; False when it is so already.

    What runs by itself may do what the person may who switched it on, as long as they may. Raises
    `ReconciliationNotFound`, and as `permit`.
    """
    with engine.begin() as conn:
        for action in (Action.RULES, Action.RUN, Action.IMPORT) if is_on else (Action.RULES,):
            permit(conn, actor, action)
        return definitions.run_by_itself(conn, reconciliation, is_on=is_on, actor=actor)
