"""Settle rows of a run by hand: match, net, split, ignore or write off. One decision, one transaction, one effect.

The decision outlives the run. At once the rows and their discrepancies are settled here, and what is written off is
posted. The published evidence stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Engine

from recon.model.people import Action, Person
from recon.model.settlement import Ask, OpenRow, Settled, Settlement, SettleMove
from recon.model.triage import Resolution
from recon.store import audit, decisions, settlements, workbench_rows
from recon.store.settlements import Scope, Wanted
from recon.triage.deeds import deeds_of
from recon.triage.settle import check, decide
from recon.workflows.follow_settlement import follow
from recon.workflows.permit import permit, permit_alone
from recon.workflows.post_write_off import book_decision, refuse_booked
from recon.workflows.undo_settlement import give_way


def settle_rows(engine: Engine, ask: Ask, *, actor: str) -> Settled:
    """Carry the command out on the rows as `actor` saw them; sent again, it gives what it gave the first time.

    Raises SettlementRefused where the rows may not be settled so, RowsChanged where somebody was faster, and
    SecondPersonNeeded for what is more than the actor may decide alone: then it can be proposed.
    """
    check(ask)
    with engine.begin() as conn:
        person = permit(conn, actor, Action.MATCH)
        return settle(conn, ask, actor=actor, alone=person)


def settle(conn: Connection, ask: Ask, *, actor: str, alone: Person | None, proposal_id: int | None = None) -> Settled:
    """The same in the caller's transaction. `alone`: the person who decides by themselves; None when approved."""
    scope = settlements.lock_scope(conn, ask.run_id)
    if known := settlements.kept_by_key(conn, ask.action_key):
        row_count = len(settlements.members_of(conn, known[0].decision_id))
        return Settled(decision_id=known[0].decision_id, row_count=row_count, was_known=True)
    rows, settlement = weigh(conn, scope, ask)
    if settlement.written_off and alone is not None:
        permit(conn, actor, Action.WRITE_OFF)
    if alone is not None:
        deeds = deeds_of(ask.move, rows, settlement)
        permit_alone(conn, alone, deeds, reconciliation_id=scope.reconciliation_id)
    return _take(conn, scope, ask, rows, settlement, actor=actor, proposal_id=proposal_id)


def weigh(conn: Connection, scope: Scope, ask: Ask) -> tuple[tuple[OpenRow, ...], Settlement]:
    """The rows as they were seen, and what the command comes to."""
    rows = workbench_rows.lock_rows(conn, scope.run_id, ask.rows)
    return rows, decide(ask, rows, scope.rules)


def _take(
    conn: Connection,
    scope: Scope,
    ask: Ask,
    rows: Sequence[OpenRow],
    settlement: Settlement,
    *,
    actor: str,
    proposal_id: int | None,
) -> Settled:
    replaced = sorted({row.decision_id for row in rows if row.decision_id is not None})
    whole = _with_parts(conn, scope.run_id, rows, replaced)
    give_way(conn, scope, rows, actor=actor)
    settlements.refuse_settled(conn, scope.reconciliation_id, whole, but=replaced)
    refuse_booked(conn, scope.run_id, whole)
    for number in replaced:
        decisions.revoke(conn, number, actor=actor)
        workbench_rows.reopen_rows(conn, number)
    (number,) = settlements.take(
        conn,
        scope.reconciliation_id,
        [Wanted(kind=settlement.kind, rows=whole, action_key=ask.action_key)],
        actor=actor,
        reason=reason_of(ask),
        reason_code=ask.reason_code,
        proposal_id=proposal_id,
    )
    settlements.keep(
        conn,
        scope.run_id,
        [(number, settlement, len(whole))],
        move=ask.move.value,
        action_key=ask.action_key,
        residual=_residual(whole, settlement),
        replaces=replaced,
    )
    settlements.settle_rows(conn, [number])
    follow(conn, scope.run_id, number, actor=actor)
    entries, lacks = book_decision(
        conn,
        number,
        settlement.written_off,
        run_id=scope.run_id,
        reconciliation_id=scope.reconciliation_id,
        dated_on=max(row.date for row in whole),
        action_key=ask.action_key,
        reason=reason_of(ask),
        reason_code=ask.reason_code or Resolution.WRITTEN_OFF,
        actor=actor,
        today=datetime.now(UTC).date(),
    )
    _audit(conn, scope, ask, whole, settlement, number, entries, replaced, actor=actor)
    return Settled(decision_id=number, row_count=len(rows), entry_ids=entries, lacks_accounts=lacks)


def reason_of(ask: Ask) -> str:
    """What the decision says of itself where the person said nothing."""
    said = ask.reason.strip()
    return said or (
        f"{ask.move.value.capitalize()}: {ask.reason_code}." if ask.reason_code else ask.move.value.capitalize()
    )


def _with_parts(conn: Connection, run_id: int, rows: Sequence[OpenRow], replaced: Sequence[int]) -> tuple[OpenRow, ...]:
    """The rows, and all others of the decisions that had settled a part of one of them."""
    earlier = [row for number in replaced for row in workbench_rows.rows_of_decision(conn, run_id, number)]
    found = {(row.side, row.line): row for row in [*earlier, *rows]}
    return tuple(found.values())


def _residual(rows: Sequence[OpenRow], settlement: Settlement) -> tuple[str, str, int] | None:
    rest = settlement.residual
    if rest is None:
        return None
    row = next(one for one in rows if (one.side, one.line) == (rest.side, rest.line))
    return row.side.value, row.fingerprint, rest.open_amount


def _audit(
    conn: Connection,
    scope: Scope,
    ask: Ask,
    rows: Sequence[OpenRow],
    settlement: Settlement,
    number: int,
    entries: Sequence[int],
    replaced: Sequence[int],
    *,
    actor: str,
) -> None:
    verb = {SettleMove.WRITE_OFF: "written_off"}.get(ask.move, ask.move.value)
    detail = {
        "decision": number,
        "kind": settlement.kind.value,
        "rows": [[row.side.value, row.line, row.open_amount, row.currency] for row in rows],
        "difference": dict(settlement.difference),
        "written_off": dict(settlement.written_off),
        "reason_code": ask.reason_code,
        "reason": ask.reason.strip() or None,
        "entries": list(entries),
        "replaces": list(replaced),
        "action_key": ask.action_key,
    }
    audit.record(conn, actor=actor, action=f"rows_{verb}", subject=f"run {scope.run_id}", detail=detail)
