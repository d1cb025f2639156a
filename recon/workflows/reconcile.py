"""Two transaction tables reconciled: matched, classified, proved. What the CLI, stored runs and the bench share."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pyarrow as pa

from recon.discrepancies import classify, prove
from recon.matching import match
from recon.matching.crew import Crew
from recon.matching.decided import match_undecided
from recon.model.decisions import Decided
from recon.model.due import Due
from recon.model.outcome import Outcome
from recon.model.progress import Progress, silent
from recon.model.rules import Rules
from recon.model.transactions import Side


def reconcile_tables(
    source: pa.Table,
    reference: pa.Table,
    rules: Rules,
    *,
    decided: Decided | None = None,
    due: Mapping[Side, Due] | None = None,
    on_progress: Progress | None = None,
    threads: int = 2,
    crew: Crew | None = None,
) -> Outcome:
    """The whole outcome of two tables of TRANSACTION_SCHEMA; the same for any order of their rows.

    `decided`: what people decided about these rows. `due`: which of them wait for a counterpart, and until when.
    `crew`: other machines that do part of the work. `on_progress` may raise RunCancelled, which passes through.
    `Outcome.seconds` names the stages.
    """
    report = on_progress or silent
    total = source.num_rows + reference.num_rows
    if decided is None or decided.is_empty:
        matching = match(source, reference, rules, on_progress=report, threads=threads, crew=crew)
    else:
        matching = match_undecided(source, reference, rules, decided, on_progress=report, threads=threads, crew=crew)
    report("classify", 0, total)
    begun = time.perf_counter()
    discrepancies, totals = classify(source, reference, matching, due=due, decided=decided)
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
