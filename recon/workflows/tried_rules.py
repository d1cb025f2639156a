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
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from recon.model.outcome import DiscrepancyKind, MatchStatus, OutcomeTotal, ProofLine, RowOutcome
from recon.model.progress import Progress, silent
from recon.model.tryout import PairChange, TryResult
from recon.store.evidence import Evidence, run_name
from recon.store.runs import rules_from
from recon.workflows.changed_pairs import changed_pairs
from recon.workflows.reconcile import reconcile_tables
from recon.workflows.result_rows import count_of
from recon.workflows.try_rules_request import CHANGES, RESULT


def try_rules(request: Mapping[str, Any], *, on_progress: Progress = silent) -> None:
    """Do what a request of `TryOuts` asks, into its folder. Raises `EvidenceMissing`."""
    begun = time.monotonic()
    on_progress("load", 0, 0)
    evidence = Evidence(request["evidence"])
    source, reference = (evidence.read_table(request[name]) for name in ("source_rows", "reference_rows"))
    before = evidence.read_table(run_name(request["run_id"], request["attempt"], "matches.parquet"))
    outcome = reconcile_tables(source, reference, rules_from(request["rules"]), on_progress=on_progress)
    on_progress("compare", 0, source.num_rows)
    changes = changed_pairs(before, outcome.matches, source, reference)
    counts = {str(row["values"]): int(row["counts"]) for row in pc.value_counts(changes["change"]).to_pylist()}
    result = TryResult(
        matched_count=count_of(outcome.matches, MatchStatus.MATCHED),
        suggested_count=count_of(outcome.matches, MatchStatus.SUGGESTED),
        discrepancy_count=outcome.discrepancies.num_rows,
        totals=outcome.totals,
        proof=outcome.proof,
        changes={change: counts.get(change, 0) for change in PairChange},
        seconds=round(time.monotonic() - begun, 3),
    )
    folder = Path(request["folder"])
    made = Path(tempfile.mkdtemp(prefix="new-", dir=folder.parent))
    pq.write_table(changes, made / CHANGES, compression="zstd")
    (made / RESULT).write_text(json.dumps(asdict(result)), encoding="utf-8")
    with suppress(OSError):  # the same was tried at the same time: theirs is as good
        made.rename(folder)
    shutil.rmtree(made, ignore_errors=True)


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
    return TryResult(**{**stored, "totals": tuple(totals), "proof": tuple(proof), "changes": changes})
