"""Decisions stand beside the discrepancies they are about, or nowhere."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest

from recon.queries.decisions import DECISION_SCHEMA
from recon.report import decided_rows, discrepancy_rows
from tests.report.tables import DISCREPANCIES, REFERENCE, SOURCE

ROWS = discrepancy_rows(DISCREPANCIES, SOURCE, REFERENCE)
SECOND: dict[str, Any] = {
    "position": 1,
    "kind": "missing_in_reference",
    "source_line": 3,
    "status": "resolved",
    "resolution": "written_off",
    "comment": "Too small to chase.",
    "resolved_by": "mara",
    "resolved_at": datetime(2026, 3, 9, 12, 30, 15, 500_000, UTC),
}


def _decisions(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows), schema=DECISION_SCHEMA)


DECIDED = ["status", "resolution", "comment", "resolved_by", "resolved_at"]


def test_a_decision_stands_beside_its_discrepancy_and_the_others_are_open() -> None:
    rows = decided_rows(ROWS, _decisions(SECOND))
    assert rows.select(ROWS.column_names).equals(ROWS)
    assert rows.column_names[ROWS.num_columns - 1 :] == [*DECIDED, "row_currency"]
    assert rows["status"].to_pylist() == ["open", "resolved", "open"]
    assert rows["comment"].to_pylist() == [None, "Too small to chase.", None]
    assert rows["resolved_at"].to_pylist() == [None, "2026-03-09T12:30:15Z", None]


def test_without_decisions_all_is_open() -> None:
    assert set(decided_rows(ROWS, _decisions())["status"].to_pylist()) == {"open"}
    assert decided_rows(ROWS.slice(0, 0), _decisions()).num_rows == 0


def test_a_decision_about_another_discrepancy_is_never_shown() -> None:
    with pytest.raises(AssertionError, match="another discrepancy"):
        decided_rows(ROWS, _decisions({**SECOND, "source_line": 4}))
