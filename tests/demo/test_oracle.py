"""The engine finds exactly what is known to be true of the sample company: no more, no less, in any order of rows."""

from __future__ import annotations

import random
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from recon.demo import DEMO_RULES, DemoPair, build_period, write_demo, write_period
from recon.demo.load import ANSWERS
from recon.ingest import read_file
from recon.model.outcome import DiscrepancyKind, MatchStatus, Outcome
from recon.model.reading import Reading
from recon.workflows.reconcile import reconcile_tables

PERIODS = {
    "the sample month": lambda folder: write_demo(folder),
    "a week whose dates are ambiguous": lambda folder: write_period(
        folder, build_period(first_on=date(2026, 11, 2), days=7, count=140)
    ),
    "a busy quarter": lambda folder: write_period(
        folder, build_period(first_on=date(2025, 10, 1), days=92, count=900, seed=3)
    ),
    "a bad week": lambda folder: write_period(
        folder, build_period(first_on=date(2026, 11, 9), days=7, count=430, fault_share=0.0165)
    ),
    "one day": lambda folder: write_period(folder, build_period(first_on=date(2026, 2, 28), days=1, count=200)),
}
PAIRS = ("Gateway to billing", "Bank to gateway")


@pytest.fixture(scope="module", params=[(period, pair) for period in PERIODS for pair in PAIRS], ids=" · ".join)
def pair(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> DemoPair:
    period, name = request.param
    files = PERIODS[period](tmp_path_factory.mktemp("period"))
    return next(pair for pair in files.pairs() if pair.name == name)


def _read(path: Path) -> Reading:
    reading = read_file(path, answers=ANSWERS)
    assert not reading.questions
    return reading


def _by_line(table: pa.Table, outcome_table: pa.Table, column: str) -> list[int | None]:
    return table["line"].combine_chunks().take(outcome_table[column]).to_pylist()


def _lines(outcome: Outcome, source: pa.Table, reference: pa.Table, status: MatchStatus) -> set[tuple[int, int]]:
    told = zip(
        outcome.matches["status"].to_pylist(),
        _by_line(source, outcome.matches, "source_row"),
        _by_line(reference, outcome.matches, "reference_row"),
        strict=True,
    )
    return {(ours, theirs) for found, ours, theirs in told if found == status}


def _findings(outcome: Outcome, source: pa.Table, reference: pa.Table) -> set[tuple[str, int | None, int | None]]:
    rows = zip(
        outcome.discrepancies["kind"].to_pylist(),
        _by_line(source, outcome.discrepancies, "source_row"),
        _by_line(reference, outcome.discrepancies, "reference_row"),
        strict=True,
    )
    return {row for row in rows if row[0] != DiscrepancyKind.SUGGESTION}


def test_rejected_are_exactly_the_rows_that_cannot_be_read(pair: DemoPair) -> None:
    assert {reject.line for reject in _read(pair.source).rejects} == pair.truth.source_rejects
    assert {reject.line for reject in _read(pair.reference).rejects} == pair.truth.reference_rejects


def test_the_engine_finds_exactly_the_truth(pair: DemoPair) -> None:
    source, reference = _read(pair.source).table, _read(pair.reference).table
    outcome = reconcile_tables(source, reference, DEMO_RULES)
    assert _lines(outcome, source, reference, MatchStatus.MATCHED) == pair.truth.pairs
    assert _findings(outcome, source, reference) == pair.truth.findings
    suggested = _lines(outcome, source, reference, MatchStatus.SUGGESTED)
    assert suggested == {(a, b) for ours, theirs in pair.truth.ambiguous for a in ours for b in theirs}
    for side, table, lines in zip(("source", "reference"), (source, reference), pair.truth.netted, strict=True):
        own = outcome.netted.filter(pa.compute.equal(outcome.netted["side"], side))
        rows = pa.chunked_array([*own["row"].chunks, *own["other_row"].chunks], pa.int64())
        assert set(table["line"].take(rows).to_pylist()) == lines
    assert all(line.unexplained == 0 for line in outcome.proof)


def test_the_order_of_rows_changes_nothing(pair: DemoPair) -> None:
    tables = [_read(path).table for path in (pair.source, pair.reference)]
    shuffled = [table.take(random.Random(5).sample(range(len(table)), len(table))) for table in tables]
    outcome = reconcile_tables(*shuffled, DEMO_RULES)
    assert outcome.proof == reconcile_tables(*tables, DEMO_RULES).proof
    found = _lines(outcome, *shuffled, MatchStatus.MATCHED)
    assert len(found) == len(pair.truth.pairs)
    assert {source for source, _ in found} >= {source for source, _ in pair.truth.pairs} - _copies(pair)


def _copies(pair: DemoPair) -> set[int | None]:
    """Source lines with an equal copy: either of them may be the one that is paired."""
    duplicates = {line for kind, line, _ in pair.truth.findings if kind is DiscrepancyKind.DUPLICATE}
    return duplicates | {line - 1 for line in duplicates if line} | {line + 1 for line in duplicates if line}
