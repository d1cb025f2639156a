"""Say that a row which looks like a copy is a movement of its own: no later run calls it a duplicate.

It is open as it was, and needs a counterpart like any other row. Said of several, each is a decision of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Engine

from recon.errors import SettlementRefused
from recon.model.decisions import DecisionKind
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Action
from recon.model.settlement import Settlement
from recon.model.triage import Command, Move, Resolution
from recon.store import audit, discrepancies, settlements, workbench_rows
from recon.store.evidence import Evidence
from recon.store.settlements import Wanted
from recon.triage import decide
from recon.workflows.permit import permit
from recon.workflows.prepare_workbench import prepare_workbench

SAID = "Not a duplicate: a movement of its own."


def say_no_duplicate(
    engine: Engine, evidence: Evidence, run_id: int, discrepancy_ids: Sequence[int], *, actor: str, action_key: str
) -> tuple[int, ...]:
    """Take the decisions; their numbers. Sent again, the same command changes nothing.

    Raises SettlementRefused where none of them is an open duplicate nobody has decided about.
    """
    with engine.connect() as conn:
        permit(conn, actor, Action.MATCH)
    prepare_workbench(engine, evidence, run_id)
    with engine.begin() as conn:
        permit(conn, actor, Action.MATCH)
        scope = settlements.lock_scope(conn, run_id)
        if known := settlements.kept_by_key(conn, action_key):
            return tuple(one.decision_id for one in known)
        rows = [
            row
            for row in workbench_rows.rows_of_discrepancies(conn, run_id, sorted(set(discrepancy_ids)))
            if row.kind == DiscrepancyKind.DUPLICATE and row.is_open and row.decision_id is None and not row.opened_by
        ]
        if not rows:
            raise SettlementRefused("None of these is an open duplicate any more. Look again at what is chosen.")
        wanted = [
            Wanted(kind=DecisionKind.NOT_DUPLICATE, rows=[row], action_key=f"{action_key}-{row.discrepancy_id}")
            for row in rows
        ]
        numbers = settlements.take(conn, scope.reconciliation_id, wanted, actor=actor, reason=SAID)
        settlement = Settlement(kind=DecisionKind.NOT_DUPLICATE, resolution=Resolution.DISMISSED)
        settlements.keep(
            conn,
            run_id,
            [(number, settlement, 1) for number in numbers],
            move="no duplicate",
            action_key=action_key,
        )
        ids = [row.discrepancy_id or 0 for row in rows]
        workbench_rows.set_opened_many(conn, dict(zip(ids, numbers, strict=True)))
        command = Command(move=Move.COMMENT, comment=SAID, action_key=action_key)
        stands = discrepancies.lock(conn, ids, action_key)
        discrepancies.apply(conn, command, decide(command, [row.seen for row in stands], stands), actor=actor)
        detail = {"discrepancies": ids, "decisions": list(numbers), "action_key": action_key}
        audit.record(conn, actor=actor, action="duplicates_denied", subject=f"run {run_id}", detail=detail)
    return numbers
