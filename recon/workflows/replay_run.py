"""Do a published run again, from its evidence alone: the same rows, rules and decisions must give the same digest.

The open items it carried and the rows it had are files of the run; what was decided about them, and which days were due
days, its manifest names. So a run can be done again whatever was decided, matched or changed since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Engine

from recon.calendar import calendar_of
from recon.matching.decided import decided_rows
from recon.model.decisions import Decided
from recon.model.due import Due
from recon.model.progress import Progress, silent
from recon.model.transactions import Side
from recon.queries.kept import KeptRun, decisions_by_id
from recon.store.evidence import Evidence, run_name
from recon.store.run_files import MANIFEST, replayed_decisions, rows_name
from recon.store.runs import rules_from
from recon.workflows.carry_forward import due_of
from recon.workflows.code_version import engine_version
from recon.workflows.digest import result_digest
from recon.workflows.reconcile import reconcile_tables
from recon.workflows.row_names import row_names
from recon.workflows.run_key import is_key_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """What doing a run again gave. Without `is_comparable` another digest proves nothing; `why` says so in words."""

    run_id: int
    is_same: bool
    is_comparable: bool
    why: str = ""


def replay_run(engine: Engine, evidence: Evidence, run: KeptRun, *, on_progress: Progress = silent) -> Replay:
    """Match and classify again. Raises `EvidenceMissing`, and what unreadable Parquet or JSON raises."""
    document = evidence.read_json(run_name(run.id, run.attempt, MANIFEST))
    carried = document.get("carried")
    if run.is_carrying and carried is None:
        return Replay(
            run_id=run.id,
            is_same=False,
            is_comparable=False,
            why="it was made before runs kept with which decisions they began",
        )
    rows = {side: evidence.read_table(_rows_name(run, side)) for side in Side}
    decided = _decided(engine, evidence, run, replayed_decisions(document), rows)
    due = _due(carried, rows) if carried else None
    rules = rules_from(dict(run.rules))
    outcome = reconcile_tables(
        rows[Side.SOURCE], rows[Side.REFERENCE], rules, decided=decided, due=due, on_progress=on_progress
    )
    is_same = result_digest(outcome, rows[Side.SOURCE], rows[Side.REFERENCE]) == run.digest
    is_comparable = is_same or _is_same_engine(run, document)
    why = "" if is_comparable else "another version of the engine made it"
    return Replay(run_id=run.id, is_same=is_same, is_comparable=is_comparable, why=why)


def _is_same_engine(run: KeptRun, document: Mapping[str, Any]) -> bool:
    if "engine" in document:
        return bool(document["engine"] == engine_version())
    keys = {f"{side.value}_key": run.keys[side] for side in Side}
    return not run.is_rerun and is_key_of(run.run_key, **keys, rules=rules_from(dict(run.rules)))


def _rows_name(run: KeptRun, side: Side) -> str:
    return rows_name(side, reading_key=run.keys[side], run_id=run.id, attempt=run.attempt, manifest=run.manifest)


def _decided(
    engine: Engine, evidence: Evidence, run: KeptRun, ids: Sequence[int], rows: Mapping[Side, pa.Table]
) -> Decided | None:
    """What was decided about the run's rows when it began."""
    if not ids:
        return None
    with engine.connect() as conn:
        standing = decisions_by_id(conn, ids)
    where: dict[str, Any] = {"run_id": run.id, "attempt": run.attempt, "manifest": run.manifest}
    names = {side: row_names(evidence, side, rows[side], reading_key=run.keys[side], **where) for side in Side}
    return decided_rows(names[Side.SOURCE], names[Side.REFERENCE], standing)


def _due(carried: Mapping[str, Any], rows: Mapping[Side, pa.Table]) -> dict[Side, Due]:
    """When the counterparts of the run's rows were due."""
    calendar, as_of = calendar_of(carried["calendar"]), date.fromisoformat(carried["as_of"])
    return {side: due_of(rows[side], as_of, calendar, carried["due_days"][side.value]) for side in Side}
