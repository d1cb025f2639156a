"""Ask a second person to settle rows that come to more than one person may settle so alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Engine

from recon.errors import RowsChanged, SettlementRefused, WriteOffRefused
from recon.model.people import Action, Proposal
from recon.model.settlement import Ask, SeenRow, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.store import discrepancies, people, settlements
from recon.store.evidence import Evidence
from recon.triage.deeds import deeds_of
from recon.triage.settle import check
from recon.workflows.permit import permit
from recon.workflows.settle_rows import reason_of, settle, weigh
from recon.workflows.shown_places import is_as_shown, shown_places

DOES = "settle"


def propose_settlement(engine: Engine, ask: Ask, *, actor: str) -> int:
    """Ask for it, with the rows as they were seen; the proposal's number. Raises what `settle_rows` raises."""
    check(ask)
    with engine.begin() as conn:
        permit(conn, actor, Action.MATCH)
        scope = settlements.lock_scope(conn, ask.run_id)
        rows, settlement = weigh(conn, scope, ask)
        if settlement.written_off:
            permit(conn, actor, Action.WRITE_OFF)
        deed, amounts = next(iter(deeds_of(ask.move, rows, settlement).items()))
        ids = sorted({row.discrepancy_id for row in rows if row.discrepancy_id is not None})
        seen = discrepancies.lock(conn, ids, ask.action_key)
        return people.propose(
            conn,
            deed,
            subject=f"{len(rows):,} {'row' if len(rows) == 1 else 'rows'} of run {ask.run_id}",
            body=_body(ask)
            | {
                "discrepancies": [[row.id, row.version] for row in seen],
                "difference": dict(settlement.difference),
                "written_off": dict(settlement.written_off),
                "places": shown_places(conn, {scope.reconciliation_id: settlement.written_off}),
            },
            amounts=amounts,
            reason=reason_of(ask),
            actor=actor,
            action_key=ask.action_key,
        )


def settle_proposed(conn: Connection, _evidence: Evidence, asked: Proposal) -> bool:
    """Settle the rows as they were when it was proposed, in the proposer's name; False when they changed since."""
    ask = _ask(asked)
    attempt = conn.begin_nested()
    try:
        scope = settlements.lock_scope(conn, ask.run_id)
        _, settlement = weigh(conn, scope, ask)
        if dict(settlement.written_off) != asked.body["written_off"] or not is_as_shown(conn, asked.body["places"]):
            attempt.rollback()
            return False
        settle(conn, ask, actor=asked.proposed_by, alone=None, proposal_id=asked.id)
    except (RowsChanged, SettlementRefused, WriteOffRefused):
        attempt.rollback()
        return False
    attempt.commit()
    return True


def _body(ask: Ask) -> dict[str, Any]:
    return {
        "does": DOES,
        "run_id": ask.run_id,
        "move": ask.move.name,
        "rows": sorted([row.side.value, row.line, row.open_amount] for row in ask.rows),
        "reason_code": ask.reason_code,
        "reason": ask.reason.strip(),
    }


def _ask(asked: Proposal) -> Ask:
    body = asked.body
    return Ask(
        run_id=body["run_id"],
        move=SettleMove[body["move"]],
        rows=tuple(SeenRow(side=Side(side), line=line, open_amount=amount) for side, line, amount in body["rows"]),
        reason_code=Resolution(body["reason_code"]) if body["reason_code"] else None,
        reason=body["reason"],
        action_key=f"proposal-{asked.id}",
    )
