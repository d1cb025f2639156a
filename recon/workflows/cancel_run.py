"""Cancel a run: a waiting one at once, a running one as soon as its worker hears of it (within seconds)."""

from __future__ import annotations

from sqlalchemy import Engine

from recon.model.people import Action
from recon.store import runs
from recon.workflows.permit import permit


def cancel_run(engine: Engine, run_id: int, *, actor: str) -> str:
    """Ask that a run be cancelled; asking twice is harmless, and a finished run stays as it is.

    Returns the run's status now: `cancelled` for one that waited, `running` while its worker is about to stop, or how
    the run had ended. Raises `RunNotFound`.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.RUN)
        return runs.ask_to_cancel(conn, run_id, actor=actor)
