"""Ask a second person to open a closed period again."""

from __future__ import annotations

from sqlalchemy import Connection, Engine

from recon.model.people import Action, Deed, Proposal
from recon.store import people
from recon.store.evidence import Evidence
from recon.workflows.close_period import CloseRefused, close_in_force, open_again, reason_for
from recon.workflows.permit import permit

DOES = "open_again"


def propose_reopening(engine: Engine, close_id: int, *, reason: str, action_key: str, actor: str) -> int:
    """Ask for it; the proposal's number. Raises CloseRefused where the close is not in force."""
    said = reason_for(reason)
    with engine.begin() as conn:
        permit(conn, actor, Action.CLOSE)
        found = close_in_force(conn, close_id)
        return people.propose(
            conn,
            Deed.REOPEN,
            subject=f"close {close_id}, {found.first_on} to {found.last_on}",
            body={"does": DOES, "close_id": close_id, "reason": said},
            amounts={},
            reason=said,
            actor=actor,
            action_key=action_key,
        )


def reopen_proposed(conn: Connection, _evidence: Evidence, asked: Proposal) -> bool:
    """Open it again; False when somebody did meanwhile."""
    try:
        open_again(
            conn,
            asked.body["close_id"],
            reason=asked.body["reason"],
            action_key=f"proposal-{asked.id}",
            actor=asked.proposed_by,
        )
    except CloseRefused:
        return False
    return True
