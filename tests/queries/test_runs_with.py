"""Which runs have a transaction: in the files of either side, whatever became of it."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from recon.queries.runs_with import runs_with
from recon.store.evidence import Evidence
from tests.builders import matches, published_run, run_with_rows, transactions


@pytest.fixture
def evidence(evidence_url: str) -> Evidence:
    return Evidence(evidence_url)


@pytest.fixture
def run_id(engine: Engine, evidence: Evidence) -> int:
    source = transactions({"amount": 5_000, "payment_ref": "INV-1"}, {"amount": 700, "txn_id": "T2"})
    reference = transactions({"amount": 5_000, "payment_ref": "INV-1"}, {"amount": 9, "txn_id": "T' or ''='"})
    return run_with_rows(engine, evidence, source, reference, matches({"source_row": 0, "reference_row": 0}))


@pytest.mark.parametrize("txn_id", ["INV-1", "T2", "T' or ''='"])
def test_a_run_is_found_by_id_or_reference_of_either_side(
    engine: Engine, evidence: Evidence, run_id: int, txn_id: str
) -> None:
    assert [found.run_id for found in runs_with(engine, evidence, txn_id)] == [run_id]


@pytest.mark.parametrize("txn_id", ["INV", "inv-1", "", "%"])
def test_only_the_whole_id_counts(engine: Engine, evidence: Evidence, run_id: int, txn_id: str) -> None:
    assert runs_with(engine, evidence, txn_id) == ()


def test_a_run_whose_files_are_gone_is_left_out(engine: Engine, evidence: Evidence) -> None:
    published_run(engine)
    assert runs_with(engine, evidence, "INV-1") == ()
