"""Take back what one command decided on suggestions, one or thousands, as far as nothing later needs it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine

from recon.model.people import Action
from recon.store import answers, audit, settlements
from recon.workflows.follow_settlement import reopen_unsettled
from recon.workflows.permit import permit


@dataclass(frozen=True, slots=True, kw_only=True)
class Undone:
    """How many decisions were taken back, and how many stand because a later decision needs them."""

    undone_count: int
    in_use_count: int = 0


def undo_answers(engine: Engine, run_id: int, action_key: str, *, actor: str) -> Undone:
    """Do it in one transaction; sent again it finds nothing left to take back."""
    with engine.begin() as conn:
        permit(conn, actor, Action.MATCH)
        settlements.lock_scope(conn, run_id)
        standing = [one.decision_id for one in settlements.kept_by_key(conn, action_key) if one.is_standing]
        needed = answers.needed(conn, standing)
        ids = [number for number in standing if number not in needed]
        if ids:
            shown = answers.discrepancies_of(conn, ids)
            answers.revoke(conn, ids, actor=actor)
            for shown_in, own in shown.items():
                comment = "The answer to the suggestion was taken back."
                reopen_unsettled(conn, shown_in, own, comment, key=f"undo-{action_key}", actor=actor)
            detail = {"decisions": ids, "action_key": action_key}
            audit.record(conn, actor=actor, action="decisions_taken_back", subject=f"run {run_id}", detail=detail)
    return Undone(undone_count=len(ids), in_use_count=len(needed))
