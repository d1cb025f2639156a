"""A run's stored readings reconciled under other rules, and held against what the run had found.

Nothing of it enters the database or the evidence store: the result is two small files in a folder of its own, which is
there whole or not at all.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recon.model.outcome import WORK, DiscrepancyKind, MatchStatus, OutcomeTotal, ProofLine, RowOutcome
from recon.model.progress import Progress, silent
from recon.model.rulings import Judged, Score, Stand
from recon.model.transactions import Side
from recon.model.tryout import PairChange, TryResult
from recon.store.evidence import Evidence, run_name
from recon.store.run_files import MATCHES
from recon.store.runs import rules_from
from recon.triage.rulings import stands
from recon.workflows.changed_pairs import changed_pairs
from recon.workflows.judge_rules import judge, known_of
from recon.workflows.reconcile import reconcile_tables
from recon.workflows.result_rows import count_of
from recon.workflows.try_rules_request import CHANGES, RESULT

Key = TypeVar("Key", bound=StrEnum)

_WORK: Final = pa.array([kind.value for kind in WORK])


def try_rules(request: Mapping[str, Any], *, on_progress: Progress = silent) -> None:
    """Do what a request of `TryOuts` asks, into its folder. Raises `EvidenceMissing`."""
    begun = time.monotonic()
    on_progress("load", 0, 0)
    evidence = Evidence(request["evidence"])
    rows = {side: evidence.read_table(request[f"{side}_rows"]) for side in Side}
    source, reference = rows[Side.SOURCE], rows[Side.REFERENCE]
    before = evidence.read_table(run_name(request["run_id"], request["attempt"], MATCHES))
    known = known_of(evidence, request, rows, before)
    rules = rules_from(request["rules"])
    outcome = reconcile_tables(source, reference, rules, decided=known.decided, due=known.due, on_progress=on_progress)
    on_progress("compare", 0, source.num_rows)
    alone = judge(known, request, rows, before, outcome.matches)
    told = partial(stands, alone.before, alone.after, alone.said) if alone else None
    changes = changed_pairs(before, outcome.matches, source, reference, stands=told)
    result = TryResult(
        matched_count=count_of(outcome.matches, MatchStatus.MATCHED),
        suggested_count=count_of(outcome.matches, MatchStatus.SUGGESTED),
        discrepancy_count=pc.sum(pc.is_in(outcome.discrepancies["kind"], _WORK)).as_py() or 0,
        totals=outcome.totals,
        proof=outcome.proof,
        changes=_counts(changes["change"], PairChange),
        otherwise=_counts(changes["people"], Stand)[Stand.OTHERWISE],
        judged=alone.judged if alone else None,
        seconds=round(time.monotonic() - begun, 3),
    )
    _keep(Path(request["folder"]), changes, result)


def load_result(folder: Path) -> TryResult | None:
    """The result in a try-out's folder; None when there is none."""
    try:
        stored = json.loads((folder / RESULT).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    totals = [OutcomeTotal(**{**total, "outcome": RowOutcome(total["outcome"])}) for total in stored["totals"]]
    proof = [
        ProofLine(
            **{**line, "by_kind": tuple((DiscrepancyKind(kind), count, sum_) for kind, count, sum_ in line["by_kind"])}
        )
        for line in stored["proof"]
    ]
    changes = {PairChange(change): count for change, count in stored["changes"].items()}
    return TryResult(
        **{
            **stored,
            "totals": tuple(totals),
            "proof": tuple(proof),
            "changes": changes,
            "judged": _judged(stored["judged"]),
        }
    )


def _judged(stored: Mapping[str, Any] | None) -> Judged | None:
    if stored is None:
        return None
    return Judged(**{**stored, "before": Score(**stored["before"]), "after": Score(**stored["after"])})


def _counts(column: pa.ChunkedArray, keys: type[Key]) -> dict[Key, int]:
    """How often each key occurs."""
    found = {row["values"]: int(row["counts"]) for row in pc.value_counts(column).to_pylist()}
    return {key: found.get(key.value, 0) for key in keys}


def _keep(folder: Path, changes: pa.Table, result: TryResult) -> None:
    made = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    pq.write_table(changes, made / CHANGES, compression="zstd")
    (made / RESULT).write_text(json.dumps(asdict(result)), encoding="utf-8")
    with suppress(OSError):  # the same was tried at the same time: theirs is as good
        made.rename(folder)
    shutil.rmtree(made, ignore_errors=True)
