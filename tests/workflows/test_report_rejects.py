"""Rejects as a file to send back: all of them, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
import io

from sqlalchemy import Engine

from recon.store.evidence import Evidence
from recon.workflows.read_upload import PREVIEW_ROWS, read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.report_rejects import report_rejects


def test_every_reject_is_in_the_file_also_beyond_the_preview_and_none_is_a_formula(
    engine: Engine, evidence: Evidence
) -> None:
    bad = "".join(f"2026-03-02,=1+{n},EUR\n" for n in range(PREVIEW_ROWS + 1))
    content = f"date,amount,currency\n2026-03-01,1.00,EUR\n{bad}".encode()
    receipt = receive_upload(engine, evidence, io.BytesIO(content), filename="bank.csv", actor="ana")
    stored = read_upload(engine, evidence, receipt.upload.id)
    rows = list(csv.DictReader(io.StringIO(report_rejects(evidence, stored.key).decode())))
    assert len(rows) == stored.preview.rows_rejected == PREVIEW_ROWS + 1
    assert (rows[0]["line"], rows[0]["column"], rows[0]["value"]) == ("3", "amount", "'=1+0")
