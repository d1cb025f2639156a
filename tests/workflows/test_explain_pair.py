"""From the lines of a pair back to both its rows and to why it was made, through a stored run."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine

from recon.errors import EvidenceMissing
from recon.model.rules import Rules
from recon.queries.matched_pair import PairAsked
from recon.queries.runs import run_detail
from recon.store.evidence import Evidence, reading_name
from recon.workflows.explain_pair import explain_pair, sentences_between
from tests.builders import matches, run_with_rows, transactions

SOURCE = transactions(
    {"amount": 1_000, "payment_ref": "INV-1"},
    {"amount": 9_710, "fee": 290, "description": "Kestrel Energy 17"},
    {"amount": 700},
)
REFERENCE = transactions({"amount": 10_000, "description": "KESTREL ENERGY"}, {"amount": 1_000, "payment_ref": "INV-1"})
FOUND = matches(
    {"source_row": 0, "reference_row": 1, "evidence": "payment_ref+amount+date"},
    {
        "source_row": 1,
        "reference_row": 0,
        "pass": "scored",
        "confidence": 0.93,
        "evidence": "",
        "weights": "amount: 2-3 % more -0.40; description: the same words +6.41",
    },
)


@pytest.fixture
def evidence(evidence_url: str) -> Evidence:
    return Evidence(evidence_url)


@pytest.fixture
def asked(engine: Engine, evidence: Evidence) -> PairAsked:
    """The pair of the shared reference."""
    run_id = run_with_rows(engine, evidence, SOURCE, REFERENCE, FOUND)
    return PairAsked.of_run(run_detail(engine, run_id), 2, 3)


def test_a_pair_by_the_rules_says_what_agreed(evidence: Evidence, asked: PairAsked) -> None:
    pair = explain_pair(evidence, asked, Rules())
    assert pair is not None
    assert (pair.source["payment_ref"], pair.reference["payment_ref"]) == ("INV-1", "INV-1")
    assert (pair.match_pass, pair.status, pair.confidence, pair.steps) == ("identity", "matched", 1.0, ())
    assert [reason.is_for for reason in pair.reasons] == [True, True, True, False]


def test_a_weighed_pair_says_how_its_score_adds_up(evidence: Evidence, asked: PairAsked) -> None:
    pair = explain_pair(evidence, replace(asked, source_line=3, reference_line=2), Rules())
    assert pair is not None
    assert pair.steps == (("amount", "2-3 % more", -0.4), ("description", "the same words", 6.41))
    assert sentences_between(pair.source, pair.reference) == ("The difference is exactly the fee of the source row.",)


@pytest.mark.parametrize(("source_line", "reference_line"), [(2, 2), (4, 2), (99, 3), (2, 99)])
def test_lines_that_are_no_pair_have_none(
    evidence: Evidence, asked: PairAsked, source_line: int, reference_line: int
) -> None:
    wanted = replace(asked, source_line=source_line, reference_line=reference_line)
    assert explain_pair(evidence, wanted, Rules()) is None


def test_files_that_are_gone_are_a_sentence(evidence: Evidence, asked: PairAsked) -> None:
    with pytest.raises(EvidenceMissing):
        explain_pair(evidence, replace(asked, reference_rows=reading_name("0" * 64, "transactions.parquet")), Rules())
