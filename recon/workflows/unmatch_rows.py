"""Take a booked match apart: its rows are open again, and are never paired with each other again.

The run's evidence keeps the match; what is said beside it is that a person took it apart. A match that a decision made
is taken apart by taking that decision back.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, Engine

from recon.errors import SettlementRefused
from recon.model.decisions import DecisionKind
from recon.model.outcome import MatchStatus
from recon.model.people import Action, Deed, Person
from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.store import audit, settlements, workbench_rows
from recon.store.evidence import Evidence
from recon.store.settlements import Wanted
from recon.triage.deeds import gross
from recon.workflows.confirm_suggestions import keep_barred
from recon.workflows.permit import permit, permit_alone
from recon.workflows.prepare_workbench import named, prepare_workbench, run_rows
from recon.workflows.undo_settlement import take_back

UNMATCHED = "unmatched"
"""Kind of a row that was open in no discrepancy before a person took its match apart."""


def unmatch_rows(
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
    """Take apart the match these two lines are in, with all its rows; the decision's number.

    Raises SettlementRefused where the run has no such match, or somebody took it apart before, and SecondPersonNeeded
    where it is more than the actor may take apart alone: then it can be proposed.
    """
    with engine.connect() as conn:
        permit(conn, actor, Action.MATCH)
    prepare_workbench(engine, evidence, run_id)
    lines = {Side.SOURCE: source_line, Side.REFERENCE: reference_line}
    with engine.connect() as conn:
        members = members_of(conn, evidence, run_id, lines)
    with engine.begin() as conn:
        person = permit(conn, actor, Action.MATCH)
        return take_apart(conn, run_id, members, reason=reason, actor=actor, action_key=action_key, alone=person)


def take_apart(
    conn: Connection,
    run_id: int,
    members: pa.Table,
    *,
    reason: str,
    actor: str,
    action_key: str,
    alone: Person | None,
    proposal_id: int | None = None,
) -> int:
    """The same in the caller's transaction. `alone`: the person who decides by themselves; None when approved."""
    scope = settlements.lock_scope(conn, run_id)
    if known := settlements.kept_by_key(conn, action_key):
        return known[0].decision_id
    rows = rows_of(conn, run_id, members)
    if alone is not None:
        permit_alone(conn, alone, {Deed.UNMATCH: gross(rows)}, reconciliation_id=scope.reconciliation_id)
    matched_by = settlements.decision_of_members(conn, scope.reconciliation_id, rows)
    for number in matched_by:
        take_back(conn, number, actor=actor)
    wanted = Wanted(kind=DecisionKind.NEVER_PAIR, rows=rows, action_key=action_key)
    said = reason.strip() or "The match was taken apart."
    (number,) = settlements.take(
        conn, scope.reconciliation_id, [wanted], actor=actor, reason=said, proposal_id=proposal_id
    )
    keep_barred(conn, run_id, [(number, rows)], action_key, replaces=matched_by)
    workbench_rows.set_opened(conn, run_id, rows, number)
    detail = {"decision": number, "rows": [[row.side.value, row.line] for row in rows], "reason": said}
    audit.record(conn, actor=actor, action="rows_unmatched", subject=f"run {run_id}", detail=detail)
    return number


def rows_of(conn: Connection, run_id: int, members: pa.Table) -> tuple[OpenRow, ...]:
    """The match's rows on the workbench, put there where they were not. Raises SettlementRefused if taken apart."""
    sides, lines = members["side"].to_pylist(), members["line"].to_pylist()
    known_rows = workbench_rows.rows_at(conn, run_id, sides, lines)
    if any(row.opened_by is not None for row in known_rows):
        raise SettlementRefused("This match was taken apart already. Its rows are on the workbench.")
    there = {(row.side.value, row.line) for row in known_rows}
    is_new = [key not in there for key in zip(sides, lines, strict=True)]
    workbench_rows.copy_rows(conn, run_id, members.filter(pa.array(is_new)))
    return workbench_rows.rows_at(conn, run_id, sides, lines)


def members_of(conn: Connection, evidence: Evidence, run_id: int, pair: Mapping[Side, int]) -> pa.Table:
    """The rows of the match that has this line of each side, as `workbench_rows.ROW_COLUMNS`."""
    tables, readings, matches = run_rows(conn, evidence, run_id)
    at = {}
    for side, line in pair.items():
        places = np.flatnonzero(tables[side]["line"].to_numpy() == line)
        at[side] = int(places[0]) if len(places) else -1
    booked = matches.filter(pc.equal(matches["status"], str(MatchStatus.MATCHED)))
    is_it = (booked["source_row"].to_numpy() == at[Side.SOURCE]) & (
        booked["reference_row"].to_numpy() == at[Side.REFERENCE]
    )
    if not is_it.any():
        raise SettlementRefused("This run has no match of these two rows.")
    group = booked["group"].filter(pa.array(is_it))[0].as_py()
    lines = booked.filter(pa.array(is_it) if group is None else pc.equal(booked["group"], group))
    parts = []
    for side in Side:
        rows = tables[side].take(pa.array(np.unique(lines[f"{side}_row"].to_numpy())))
        parts.append(_open(side, rows, named(conn, readings[side], rows)))
    return pa.concat_tables(parts)


def _open(side: Side, rows: pa.Table, names: pa.Array) -> pa.Table:
    count = rows.num_rows
    kept = {name: rows[name] for name in workbench_rows.ROW_COLUMNS if name in rows.column_names and name != "kind"}
    return pa.table(
        {
            **kept,
            "side": pa.array([side.value] * count, pa.string()),
            "fingerprint": names,
            "kind": pa.array([UNMATCHED] * count, pa.string()),
            "discrepancy_id": pa.nulls(count, pa.int64()),
            "open_amount": rows["amount"],
        }
    ).select(workbench_rows.ROW_COLUMNS)
