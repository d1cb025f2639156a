from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest
from sqlalchemy import Engine, select

from recon.errors import EvidenceMissing, RunNotPublished
from recon.model.triage import Command, Move, Resolution, Seen
from recon.store import audit
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy
from recon.workflows.report_run import ReportForm, report_run
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.seal_logs import seal_logs, verify_logs
from tests.builders import matches, published_run, run_with_rows, transactions, unfinished_run
from tests.workflows.sides import submit_both


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
    assert book.sheetnames == ["Summary", "Discrepancies", "Matches", "Netted", "Rejects"]
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


@pytest.fixture
def half_done(engine: Engine, store: Evidence) -> int:
    """A run of an amount mismatch, a row missing in the reference, which is resolved, and one missing in the source."""
    run_id = submit_both(engine, store)
    finish_run(engine, store, run_id, lease_seconds=60)
    with engine.connect() as conn:
        missing = select(discrepancy.c.id, discrepancy.c.version).where(discrepancy.c.kind == "missing_in_reference")
        seen = [Seen(id=row.id, version=row.version) for row in conn.execute(missing)]
    command = Command(
        move=Move.RESOLVE, resolution=Resolution.TIMING, comment="=follows\nin April", action_key="half_done"
    )
    resolve_discrepancies(engine, command, seen, actor="mara")
    return run_id


def test_the_discrepancies_say_what_was_decided_about_each(engine: Engine, store: Evidence, half_done: int) -> None:
    text = report_run(engine, store, half_done, ReportForm.DISCREPANCIES).decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    told = [(row["kind"], row["status"], row["resolution"], row["comment"], row["resolved_by"]) for row in rows]
    assert told == [
        ("amount_mismatch", "open", "", "", ""),
        ("missing_in_reference", "resolved", "timing", "'=follows\nin April", "mara"),
        ("missing_in_source", "open", "", "", ""),
    ]
    assert [bool(datetime.fromisoformat(row["resolved_at"]).tzinfo) for row in rows if row["resolved_at"]] == [True]


def test_deciding_changes_no_amount(engine: Engine, store: Evidence, half_done: int) -> None:
    text = report_run(engine, store, half_done, ReportForm.DISCREPANCIES).decode()
    listed = sum(Decimal(row["amount"]) for row in csv.DictReader(io.StringIO(text, newline="")))
    summary = json.loads(report_run(engine, store, half_done, ReportForm.SUMMARY))
    assert listed == Decimal(next(line for line in summary["proof"] if line["currency"] == "EUR")["difference"])


def test_the_summary_and_the_workbook_count_what_is_resolved(engine: Engine, store: Evidence, half_done: int) -> None:
    triage = json.loads(report_run(engine, store, half_done, ReportForm.SUMMARY))["triage"]
    assert (triage["open"], triage["resolved"]) == (2, 1)
    assert {name for name, count in triage["by_resolution"].items() if count} == {"timing"}
    book = openpyxl.load_workbook(io.BytesIO(report_run(engine, store, half_done, ReportForm.WORKBOOK)))
    facts = {str(row[0].value): row[1].value for row in book["Summary"].iter_rows()}
    assert facts["Resolved"] == "1 of 3 discrepancies"
    header, *rows = book["Discrepancies"].iter_rows(values_only=True)
    assert [row[header.index("status")] for row in rows] == ["open", "resolved", "open"]


def test_the_heads_of_the_logs_leave_with_every_report(engine: Engine, store: Evidence, run_id: int) -> None:
    with engine.begin() as conn:
        audit.record(conn, actor="ana", action="upload_received", subject="upload 1")
    seal_logs(engine)
    (head,) = {log.head for log in verify_logs(engine) if log.log == "audit_event"}
    assert json.loads(report_run(engine, store, run_id, ReportForm.SUMMARY))["heads"] == {"audit_event": head}
    book = openpyxl.load_workbook(io.BytesIO(report_run(engine, store, run_id, ReportForm.WORKBOOK)))
    cells = [cell.value for row in book.worksheets[0].iter_rows() for cell in row]
    assert cells[cells.index("Head of audit_event") + 1] == head
