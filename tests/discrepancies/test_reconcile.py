"""The join of matching and classifying: its stages, its progress, and that the sides are not mixed up."""

from __future__ import annotations

import pytest

from recon.errors import RunCancelled
from recon.model.outcome import DISCREPANCY_SCHEMA, MATCH_SCHEMA
from recon.model.rules import Rules
from recon.workflows.reconcile import reconcile_tables
from tests.matching.builders import table

SOURCE = table("S1  2026-03-02  50.00 USD  Acme seat\nS2  2026-03-02  70.00 USD  Beta rent")
REFERENCE = table("R1  2026-03-02  50.00 USD  Acme seat\nR2  2026-03-20  80.00 USD  Delta")


def test_every_stage_is_timed_in_the_order_it_ran() -> None:
    seconds = reconcile_tables(SOURCE, REFERENCE, Rules()).seconds
    assert list(seconds) == [
        "columns",
        "identity",
        "groups",
        "exact",
        "fees",
        "fx",
        "scored",
        "netting",
        "sums",
        "leftovers",
        "evidence",
        "classify",
        "prove",
    ]
    assert all(spent >= 0 for spent in seconds.values())


def test_progress_names_every_stage_and_ends_complete() -> None:
    told: list[tuple[str, int, int]] = []
    outcome = reconcile_tables(SOURCE, REFERENCE, Rules(), on_progress=lambda *step: told.append(step))
    assert {stage.split(":")[0] for stage, _, _ in told} == set(outcome.seconds)
    assert told[-1] == ("prove", 4, 4)


@pytest.mark.parametrize("stage", ["columns", "scored", "classify", "prove"])
def test_a_run_may_be_cancelled_at_any_stage(stage: str) -> None:
    def cancel(at: str, done_count: int, total_count: int) -> None:
        if at == stage:
            raise RunCancelled(1)

    with pytest.raises(RunCancelled):
        reconcile_tables(SOURCE, REFERENCE, Rules(), on_progress=cancel)


def test_the_result_keeps_to_its_schemas_and_sides() -> None:
    outcome = reconcile_tables(SOURCE, REFERENCE, Rules())
    assert outcome.matches.schema == MATCH_SCHEMA
    assert outcome.discrepancies.schema == DISCREPANCY_SCHEMA
    assert outcome.discrepancies.select(["kind", "side", "source_row", "reference_row", "amount"]).to_pylist() == [
        {"kind": "missing_in_reference", "side": "source", "source_row": 1, "reference_row": None, "amount": 7000},
        {"kind": "missing_in_source", "side": "reference", "source_row": None, "reference_row": 1, "amount": -8000},
    ]
