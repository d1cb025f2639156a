"""A run's discrepancies follow its rows: resolved when none of their rows is open any more, open when one is again."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from recon.model.triage import Command, Move, Resolution
from recon.store import discrepancies, settlements, workbench_rows
from recon.triage import decide


def follow(conn: Connection, run_id: int, decision_id: int, *, actor: str) -> int:
    """Resolve the discrepancies of a decision's rows as it says, where it leaves nothing of them open; how many."""
    kept = settlements.kept(conn, decision_id)
    rows = workbench_rows.rows_of_decision(conn, run_id, decision_id)
    resolution = Resolution(kept.resolution) if kept else Resolution.MATCHED
    reason = kept.reason if kept else ""
    ids = [row.discrepancy_id for row in rows if row.discrepancy_id is not None]
    comment = f"Decision {decision_id}. {reason}".strip()
    return resolve_settled(conn, run_id, ids, resolution, comment, key=f"decision-{decision_id}-{run_id}", actor=actor)


def resolve_settled(
    conn: Connection,
    run_id: int,
    ids: Sequence[int],
    resolution: Resolution,
    comment: str,
    *,
    key: str,
    actor: str,
) -> int:
    """Resolve those of the discrepancies of which no row is open; how many."""
    settled = workbench_rows.settled_discrepancies(conn, run_id, ids)
    command = Command(move=Move.RESOLVE, resolution=resolution, comment=comment, action_key=key)
    return _carry_out(conn, command, settled, actor=actor)


def reopen_unsettled(conn: Connection, run_id: int, ids: Sequence[int], comment: str, *, key: str, actor: str) -> int:
    """Reopen those of the discrepancies of which a row is open; how many."""
    open_again = workbench_rows.unsettled_discrepancies(conn, run_id, ids)
    return _carry_out(conn, Command(move=Move.REOPEN, comment=comment, action_key=key), open_again, actor=actor)


def _carry_out(conn: Connection, command: Command, ids: Sequence[int], *, actor: str) -> int:
    if not ids:
        return 0
    stands = discrepancies.lock(conn, ids, command.action_key)
    verdict = decide(command, [row.seen for row in stands], stands)
    discrepancies.apply(conn, command, verdict, actor=actor)
    return verdict.updated_count
