"""Ask a second person to confirm suggestions that come to more than one person may confirm alone."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, Engine

from recon.errors import RowsChanged, SettlementRefused
from recon.model.people import Action, Deed, Proposal
from recon.store import discrepancies, people, settlements
from recon.store.evidence import Evidence
from recon.triage.deeds import added
from recon.workflows.confirm_suggestions import confirm, confirmable
from recon.workflows.permit import permit

DOES = "confirm"


def propose_confirmation(
    engine: Engine, run_id: int, discrepancy_ids: Sequence[int], *, actor: str, action_key: str
) -> int:
    """Ask that the suggestions among these that can be confirmed as a whole are; the proposal's number.

    Raises SettlementRefused where none can.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.MATCH)
        found = confirmable(conn, run_id, discrepancy_ids)
        if not found:
            raise SettlementRefused("None of these can be confirmed as a whole. Choose their rows on the workbench.")
        seen = discrepancies.lock(conn, found, action_key)
        count = len(found)
        return people.propose(
            conn,
            Deed.CONFIRM,
            subject=f"{count:,} {'suggestion' if count == 1 else 'suggestions'} of run {run_id}",
            body={"does": DOES, "run_id": run_id, "discrepancies": [[row.id, row.version] for row in seen]},
            amounts=added(found.values()),
            reason="",
            actor=actor,
            action_key=action_key,
        )


def confirm_proposed(conn: Connection, _evidence: Evidence, asked: Proposal) -> bool:
    """Confirm them, all as they were when it was proposed, or none."""
    run_id, key = asked.body["run_id"], f"proposal-{asked.id}"
    wanted = {int(id_): int(version) for id_, version in asked.body["discrepancies"]}
    settlements.lock_scope(conn, run_id)
    if {row.id: row.version for row in discrepancies.lock(conn, wanted, key)} != wanted:
        return False
    attempt = conn.begin_nested()
    try:
        done = confirm(
            conn,
            run_id,
            list(wanted),
            actor=asked.proposed_by,
            action_key=key,
            alone=None,
            proposal_id=asked.id,
        )
    except RowsChanged:
        attempt.rollback()
        return False
    is_whole = done.done_count == len(wanted)
    if is_whole:
        attempt.commit()
    else:
        attempt.rollback()
    return is_whole
