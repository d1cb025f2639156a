from __future__ import annotations

import csv
import io
import json

import openpyxl
import pytest
from sqlalchemy import Engine

from recon.errors import EvidenceMissing, RunNotPublished
from recon.store.evidence import Evidence
from recon.workflows.report_run import ReportForm, report_run
from tests.builders import matches, published_run, run_with_rows, transactions, unfinished_run


@pytest.fixture
def store(evidence_url: str) -> Evidence:
    return Evidence(evidence_url)


@pytest.fixture
def run_id(engine: Engine, store: Evidence) -> int:
    source = transactions({"amount": 5_000, "payment_ref": "=cmd|' /C calc'!A0"}, {"amount": -7, "currency": "JPY"})
    found = matches({"source_row": 0, "reference_row": 0}, {"source_row": 1, "reference_row": 1})
    return run_with_rows(engine, store, source, source, found)


def test_matched_rows_are_taken_away_as_exact_text_that_no_spreadsheet_runs(
    engine: Engine, store: Evidence, run_id: int
) -> None:
    text = report_run(engine, store, run_id, ReportForm.MATCHES).decode()
    first, second = csv.DictReader(io.StringIO(text))
    assert (first["source_line"], first["source_amount"], second["source_amount"]) == ("2", "50.00", "-7")
    assert not first["source_payment_ref"].startswith("=")


def test_the_workbook_has_the_proof_and_every_table(engine: Engine, store: Evidence, run_id: int) -> None:
    book = openpyxl.load_workbook(io.BytesIO(report_run(engine, store, run_id, ReportForm.WORKBOOK)))
    assert book.sheetnames == ["Summary", "Discrepancies", "Matches", "Rejects"]
    assert book["Matches"].max_row == 3
    summary = [str(cell.value) for row in book["Summary"].iter_rows() for cell in row if cell.value is not None]
    assert any("Bank vs ledger" in value for value in summary)


def test_the_summary_tells_files_proof_and_counts(engine: Engine, store: Evidence, run_id: int) -> None:
    document = json.loads(report_run(engine, store, run_id, ReportForm.SUMMARY))
    assert document["run_id"] == run_id
    assert document["files"]["source"]["rows"] == {"read": 101, "accepted": 99, "rejected": 1, "ignored": 1}
    assert {line["unexplained"] for line in document["proof"]} == {"0.00", "0"}
    assert document["counts"]["matched"] == 95


@pytest.mark.parametrize("form", [form for form in ReportForm if form is not ReportForm.WORKBOOK])
def test_a_report_is_the_same_bytes_each_time(engine: Engine, store: Evidence, run_id: int, form: ReportForm) -> None:
    once, again = (report_run(engine, store, run_id, form) for _ in range(2))
    assert once == again
    assert once


def test_a_run_without_a_result_has_no_report(engine: Engine, store: Evidence) -> None:
    with pytest.raises(RunNotPublished):
        report_run(engine, store, unfinished_run(engine, "failed"), ReportForm.SUMMARY)


def test_a_report_of_rows_that_are_gone_is_a_sentence(engine: Engine, store: Evidence) -> None:
    with pytest.raises(EvidenceMissing):
        report_run(engine, store, published_run(engine), ReportForm.MATCHES)
