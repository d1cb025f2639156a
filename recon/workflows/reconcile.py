"""Two transaction tables reconciled: matched, classified, proved. What the CLI, stored runs and the bench share."""

from __future__ import annotations

import time

import pyarrow as pa

from recon.discrepancies import classify, prove
from recon.matching import match
from recon.model.outcome import Outcome
from recon.model.progress import Progress, silent
from recon.model.rules import Rules


def reconcile_tables(
    source: pa.Table,
    reference: pa.Table,
    rules: Rules,
    *,
    on_progress: Progress | None = None,
    threads: int = 2,
) -> Outcome:
    """The whole outcome of two tables of TRANSACTION_SCHEMA; the same for any order of their rows.

    `on_progress` may raise RunCancelled, which passes through. `Outcome.seconds` names the stages.
    """
    report = on_progress or silent
    total = source.num_rows + reference.num_rows
    matching = match(source, reference, rules, on_progress=report, threads=threads)
    report("classify", 0, total)
    begun = time.perf_counter()
    discrepancies, totals = classify(source, reference, matching)
    classified = time.perf_counter()
    report("prove", 0, total)
    proof = prove(source, reference, discrepancies, totals)
    proved = time.perf_counter()
    report("prove", total, total)
    return Outcome(
        matches=matching.matches,
        netted=matching.netted,
        discrepancies=discrepancies,
        totals=totals,
        proof=proof,
        seconds=matching.seconds | {"classify": classified - begun, "prove": proved - classified},
    )
