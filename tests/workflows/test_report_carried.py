"""The report of a run that carried rows: no line below 0, and for each such row where it was first seen."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from sqlalchemy import Engine

from recon.store.evidence import Evidence
from recon.workflows.report_run import ReportForm, report_run
from tests.workflows.pool import Pool, row


@pytest.fixture
def pool(engine: Engine, evidence: Evidence) -> Pool:
    """A (source) stays open, B (source) is matched in the second run, C comes with it and stays open."""
    made = Pool(engine=engine, evidence=evidence)
    made.run([row("A", 100), row("B", 200)], [])
    made.run([row("C", 300, 9)], [row("B", 200, 3)])
    return made


def rows(pool: Pool, form: ReportForm) -> list[dict[str, Any]]:
    content = report_run(pool.engine, pool.evidence, 2, form).decode()
    return list(csv.DictReader(io.StringIO(content)))


def test_carried_rows_say_where_they_came_first(pool: Pool) -> None:
    found = {line["description"]: line for line in rows(pool, ReportForm.DISCREPANCIES)}
    assert [found["A"][name] for name in ("line", "source_line", "source_carried_from")] == ["", "", "run 1, line 2"]
    assert [found["C"][name] for name in ("line", "source_line", "source_carried_from")] == ["2", "2", ""]
    (match,) = rows(pool, ReportForm.MATCHES)
    assert (match["source_line"], match["reference_line"]) == ("", "2")
    assert (match["source_carried_from"], match["reference_carried_from"]) == ("run 1, line 3", "")


def test_no_line_of_a_report_is_below_0(pool: Pool) -> None:
    for form in (ReportForm.DISCREPANCIES, ReportForm.MATCHES, ReportForm.NETTED):
        for line in rows(pool, form):
            assert not [name for name, value in line.items() if name.endswith("line") and value.startswith("-")]
