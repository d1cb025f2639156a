"""Take a decision of the workbench back: its rows and discrepancies are open again, its entries are reversed.

A decision that took the place of others (a split that went on, a match taken apart) gives way to them again. Nothing is
deleted: the history shows both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from recon.errors import DecisionInUse, DecisionNotStanding
from recon.model.decisions import DecisionKind
from recon.model.people import Action
from recon.model.settlement import OpenRow, Settlement
from recon.model.triage import Resolution
from recon.store import audit, decisions, discrepancies, open_items, settlements, workbench_rows, write_offs
from recon.store.settlements import Kept, Scope, Wanted
from recon.triage.sums import sums
from recon.workflows.follow_settlement import follow, reopen_unsettled
from recon.workflows.permit import permit
from recon.workflows.post_write_off import book_decision, refuse_rest_booked
from recon.workflows.reverse_write_off import reverse


def undo_settlement(engine: Engine, decision_id: int, *, actor: str) -> int:
    """Take it back; the number of rows that are open again.

    Raises DecisionNotStanding when it was taken back before, DecisionInUse while a later decision needs it, and
    WriteOffRefused while triage has written off what it left open.
    """
    with engine.begin() as conn:
        permit(conn, actor, Action.MATCH)
        kept = settlements.kept(conn, decision_id)
        if kept is None:
            raise DecisionNotStanding(decision_id)
        settlements.lock_scope(conn, kept.run_id)
        return take_back(conn, decision_id, actor=actor)


def lock_behind(conn: Connection, discrepancy_ids: Sequence[int]) -> None:
    """Before discrepancies are locked to be reopened: the lock that whoever decides on their rows takes first.

    Taken whether or not a row of theirs is settled: one could be by the time the discrepancies are locked.
    """
    for reconciliation_id in discrepancies.reconciliations(conn, discrepancy_ids):
        open_items.lock(conn, reconciliation_id)


def undo_behind(conn: Connection, discrepancy_ids: Sequence[int], *, actor: str) -> None:
    """Take back whatever settled rows of these discrepancies: somebody reopened them."""
    for number in workbench_rows.standing_of(conn, discrepancy_ids):
        if settlements.kept(conn, number) is not None:
            take_back(conn, number, actor=actor)


def give_way(conn: Connection, scope: Scope, rows: Sequence[OpenRow], *, actor: str) -> None:
    """Take back what was decided about rows that are open all the same: it lost a row, and they are decided anew."""
    undecided = [row for row in rows if row.decision_id is None]
    for number in settlements.decision_of_members(conn, scope.reconciliation_id, undecided):
        take_back(conn, number, actor=actor)


def take_back(conn: Connection, decision_id: int, *, actor: str) -> int:
    """The same in the caller's transaction, which holds the lock of the reconciliation."""
    kept = settlements.kept(conn, decision_id)
    if kept is None or not decisions.revoke(conn, decision_id, actor=actor):
        raise DecisionNotStanding(decision_id)
    apart = workbench_rows.rows_taken_apart(conn, kept.run_id, decision_id)
    blocking = workbench_rows.take_opened_back(conn, decision_id)
    if blocking:
        raise DecisionInUse(decision_id, blocking[0])
    shown = {run_id: workbench_rows.rows_of_decision(conn, run_id, decision_id) for run_id in _runs(conn, kept)}
    rows = shown[kept.run_id]
    refuse_rest_booked(conn, [row.discrepancy_id for own in shown.values() for row in own])
    workbench_rows.reopen_rows(conn, decision_id)
    written_off = write_offs.of_decision(conn, decision_id)
    reversals = reverse(conn, written_off, actor=actor, today=datetime.now(UTC).date())
    for number in kept.replaces:
        _take_again(conn, kept, number, [*rows, *apart], actor=actor)
    for run_id, own in shown.items():
        ids = [row.discrepancy_id for row in own if row.discrepancy_id is not None]
        comment = f"Decision {decision_id} was taken back."
        reopen_unsettled(conn, run_id, ids, comment, key=f"undo-{decision_id}", actor=actor)
    detail = {"decision": decision_id, "rows": len(rows), "reversals": list(reversals), "restored": list(kept.replaces)}
    audit.record(conn, actor=actor, action="decision_taken_back", subject=f"run {kept.run_id}", detail=detail)
    return len(rows)


def _runs(conn: Connection, kept: Kept) -> tuple[int, ...]:
    """The run it was taken in, and later ones that show its rows."""
    return tuple({kept.run_id, *workbench_rows.runs_of_decision(conn, kept.decision_id)})


def _take_again(conn: Connection, later: Kept, number: int, rows: Sequence[OpenRow], *, actor: str) -> None:
    """Take a decision anew that another had taken the place of: it cannot be un-revoked, but it holds again."""
    earlier = settlements.kept(conn, number)
    assert earlier is not None
    names = {(member.side, member.fingerprint) for member in settlements.members_of(conn, number)}
    own = [row for row in rows if (row.side.value, row.fingerprint) in names]
    key = f"{number}-after-{later.decision_id}"
    (again,) = settlements.take(
        conn,
        earlier.reconciliation_id,
        [Wanted(kind=earlier.kind, rows=own, action_key=key)],
        actor=actor,
        reason=earlier.reason,
        reason_code=earlier.reason_code,
    )
    settlement = Settlement(kind=earlier.kind, resolution=Resolution(earlier.resolution))
    settlements.keep(
        conn,
        earlier.run_id,
        [(again, settlement, len(own))],
        move=earlier.move,
        action_key=key,
        residual=earlier.residual,
        replaces=earlier.replaces,
    )
    settlements.settle_rows(conn, [again])
    follow(conn, earlier.run_id, again, actor=actor)
    if earlier.kind is DecisionKind.WRITE_OFF:
        whole = [replace(row, open_amount=row.amount) for row in own]
        book_decision(
            conn,
            again,
            {line.currency: line.difference for line in sums(whole) if line.difference},
            run_id=earlier.run_id,
            reconciliation_id=earlier.reconciliation_id,
            dated_on=max(row.date for row in own),
            action_key=key,
            reason=earlier.reason,
            reason_code=earlier.reason_code or Resolution.WRITTEN_OFF,
            actor=actor,
            today=datetime.now(UTC).date(),
        )
