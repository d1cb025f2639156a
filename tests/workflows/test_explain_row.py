"""From a discrepancy back to its two rows and to those nearest to it, through a whole stored run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from recon.errors import DiscrepancyNotFound, EvidenceMissing
from recon.model.transactions import Side
from recon.queries.discrepancy_detail import DiscrepancyDetail, discrepancy_detail, transaction_at
from recon.store.evidence import Evidence, reading_name
from recon.store.tables import discrepancy
from recon.workflows.explain_row import explain_row
from recon.workflows.run_in_foreground import finish_run
from tests.workflows.sides import DAY, REFERENCE, submit_both, table


@pytest.fixture
def found(engine: Engine, evidence: Evidence) -> dict[str, DiscrepancyDetail]:
    """Kind -> the discrepancy of that kind, of a run over a few rows."""
    more = (("X-1", DAY, 4_200, "USD", "Only here"), ("X-2", DAY, 4_250, "EUR", "Only here"))
    run_id = submit_both(engine, evidence, reference=table((*REFERENCE, *more)))
    assert finish_run(engine, evidence, run_id, lease_seconds=60).status == "succeeded"
    with engine.connect() as connection:
        ids = connection.execute(select(discrepancy.c.kind, discrepancy.c.id).order_by(discrepancy.c.id)).all()
    return {kind: discrepancy_detail(engine, id_) for kind, id_ in ids}


def test_both_rows_of_a_mismatch_come_back_as_they_were_read(
    found: dict[str, DiscrepancyDetail], evidence: Evidence
) -> None:
    mismatch = found["amount_mismatch"]
    ours, theirs = transaction_at(evidence, mismatch.source), transaction_at(evidence, mismatch.reference)
    assert ours is not None
    assert theirs is not None
    assert (ours["line"], ours["payment_ref"], ours["amount"]) == (3, "INV-2", 2_500)
    assert (theirs["line"], theirs["payment_ref"], theirs["amount"]) == (3, "INV-2", 2_300)
    assert (mismatch.row.amount, mismatch.match_pass) == (200, "identity")
    assert (mismatch.source.filename, mismatch.reference.filename) == ("gateway.csv", "bank.csv")


def test_a_missing_row_has_one_side_only(found: dict[str, DiscrepancyDetail], evidence: Evidence) -> None:
    missing = found["missing_in_reference"]
    assert missing.reference.line is None
    assert transaction_at(evidence, missing.reference) is None


def test_the_nearest_row_comes_first_with_what_kept_it_from_matching(
    found: dict[str, DiscrepancyDetail], evidence: Evidence
) -> None:
    nearest, *_ = explain_row(evidence, found["missing_in_reference"])
    assert nearest.side is Side.REFERENCE
    assert nearest.transaction["payment_ref"] == "X-2"
    assert nearest.candidate.amount_delta == -50
    assert any("0.50 EUR" in sentence for sentence in nearest.candidate.failed)


def test_a_near_row_says_what_its_figures_hint_at(engine: Engine, evidence: Evidence) -> None:
    source = table(((None, DAY, 4_250, "EUR", "Rent"),))
    reference = table(((None, DAY, 42_50_00, "EUR", "Fuel"), (None, DAY + timedelta(days=1), 4_255, "EUR", "Seat")))
    run_id = submit_both(engine, evidence, source=source, reference=reference)
    assert finish_run(engine, evidence, run_id, lease_seconds=60).status == "succeeded"
    with engine.connect() as connection:
        kind = discrepancy.c.kind == "missing_in_reference"
        id_ = connection.execute(select(discrepancy.c.id).where(kind)).scalar_one()
    near = {row.transaction["description"]: row.hints for row in explain_row(evidence, discrepancy_detail(engine, id_))}
    assert near == {
        "Fuel": ("The reference has exactly 100 times the amount: cents may have been read as units.",),
        "Seat": ("The dates are one day apart.",),
    }


@pytest.mark.parametrize(
    ("amount", "currency", "hint"),
    [
        (-4_250, "EUR", "The amount is the same, with the opposite sign."),
        (4_520, "EUR", "The amounts are the same but for two neighbouring digits, which are swapped."),
        (4_250, "USD", "The amount is the same, in another currency."),
    ],
)
def test_a_row_whose_figures_tell_of_a_slip_comes_before_nearer_ones(
    engine: Engine, evidence: Evidence, amount: int, currency: str, hint: str
) -> None:
    source = table(((None, DAY, 4_250, "EUR", "Office rent"),))
    crowd = [(None, DAY + timedelta(days=3), 4_300 + number, "EUR", f"Seat {number}") for number in range(9)]
    reference = table((*crowd, (None, DAY, amount, currency, "RENT OFFICE")))
    run_id = submit_both(engine, evidence, source=source, reference=reference)
    assert finish_run(engine, evidence, run_id, lease_seconds=60).status == "succeeded"
    with engine.connect() as connection:
        kind = discrepancy.c.kind == "missing_in_reference"
        id_ = connection.execute(select(discrepancy.c.id).where(kind)).scalar_one()
    first, *_ = explain_row(evidence, discrepancy_detail(engine, id_))
    assert (first.transaction["description"], first.hints) == ("RENT OFFICE", (hint,))


def test_a_row_of_the_reference_is_held_against_the_source(
    found: dict[str, DiscrepancyDetail], evidence: Evidence
) -> None:
    near = explain_row(evidence, found["missing_in_source"], limit=2)
    assert len(near) == 2
    assert {row.side for row in near} == {Side.SOURCE}


def test_the_partner_it_has_is_not_among_the_others(found: dict[str, DiscrepancyDetail], evidence: Evidence) -> None:
    near = explain_row(evidence, found["amount_mismatch"])
    assert "INV-2" not in {row.transaction["payment_ref"] for row in near}


def test_a_row_that_is_in_no_file_has_no_neighbours(found: dict[str, DiscrepancyDetail], evidence: Evidence) -> None:
    missing = found["missing_in_reference"]
    assert explain_row(evidence, replace(missing, source=replace(missing.source, line=999))) == ()


def test_files_that_are_gone_are_a_sentence(found: dict[str, DiscrepancyDetail], evidence: Evidence) -> None:
    missing = found["missing_in_reference"]
    with pytest.raises(EvidenceMissing):
        explain_row(
            evidence,
            replace(missing, source=replace(missing.source, rows_name=reading_name("0" * 64, "transactions.parquet"))),
        )


def test_a_number_that_is_no_discrepancy_is_a_sentence(engine: Engine) -> None:
    with pytest.raises(DiscrepancyNotFound, match="404"):
        discrepancy_detail(engine, 404)
