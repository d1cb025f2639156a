"""Ask a second person to take a booked match apart that is larger than one person may take apart alone."""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import Connection, Engine

from recon.errors import SettlementRefused
from recon.model.people import Action, Deed, Proposal
from recon.model.transactions import Side
from recon.store import people, settlements
from recon.store.evidence import Evidence
from recon.triage.deeds import gross
from recon.workflows.permit import permit
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.unmatch_rows import members_of, rows_of, take_apart

DOES = "unmatch"


def propose_unmatch(
    engine: Engine,
    evidence: Evidence,
    run_id: int,
    *,
    source_line: int,
    reference_line: int,
    reason: str = "",
    actor: str,
    action_key: str,
) -> int:
    """Ask that the match these two lines are in is taken apart; the proposal's number. Raises as `unmatch_rows`."""
    with engine.connect() as conn:
        permit(conn, actor, Action.MATCH)
    prepare_workbench(engine, evidence, run_id)
    with engine.begin() as conn:
        members = members_of(conn, evidence, run_id, {Side.SOURCE: source_line, Side.REFERENCE: reference_line})
        settlements.lock_scope(conn, run_id)
        looked = conn.begin_nested()
        rows = rows_of(conn, run_id, members)
        looked.rollback()  # nothing is open on the workbench before it was approved
        return people.propose(
            conn,
            Deed.UNMATCH,
            subject=f"the match of source line {source_line} and reference line {reference_line} of run {run_id}",
            body={
                "does": DOES,
                "run_id": run_id,
                "source_line": source_line,
                "reference_line": reference_line,
                "rows": sorted([row.side.value, row.line, row.fingerprint] for row in rows),
                "reason": reason.strip(),
            },
            amounts=gross(rows),
            reason=reason.strip(),
            actor=actor,
            action_key=action_key,
        )


def proposed_members(engine: Engine, evidence: Evidence, asked: Proposal) -> pa.Table:
    """The rows of the match a proposal is about, as `workbench_rows.ROW_COLUMNS`."""
    with engine.connect() as conn:
        return _members(conn, evidence, asked)


def unmatch_proposed(conn: Connection, evidence: Evidence, asked: Proposal) -> bool:
    """Take it apart as it was when it was proposed; False when somebody was faster."""
    body = asked.body
    members = _members(conn, evidence, asked)
    found = zip(*(members[name].to_pylist() for name in ("side", "line", "fingerprint")), strict=True)
    if sorted(map(list, found)) != body["rows"]:
        return False
    attempt = conn.begin_nested()
    try:
        take_apart(
            conn,
            body["run_id"],
            members,
            reason=body["reason"],
            actor=asked.proposed_by,
            action_key=f"proposal-{asked.id}",
            alone=None,
            proposal_id=asked.id,
        )
    except SettlementRefused:
        attempt.rollback()
        return False
    attempt.commit()
    return True


def _members(conn: Connection, evidence: Evidence, asked: Proposal) -> pa.Table:
    pair = {Side.SOURCE: asked.body["source_line"], Side.REFERENCE: asked.body["reference_line"]}
    return members_of(conn, evidence, asked.body["run_id"], pair)
