"""The file of variances: exact figures, and nothing in it that a spreadsheet would run."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from sqlalchemy import Engine

from recon.queries.variances import VarianceFilter, VarianceOrder
from recon.workflows import report_variances as module
from recon.workflows.report_variances import COLUMNS, report_variances
from tests.queries.test_checks import off, ran


def lines(engine: Engine, wanted: VarianceFilter | None = None) -> list[dict[str, str]]:
    content = report_variances(engine, wanted or VarianceFilter(), VarianceOrder.SIZE).decode()
    return list(csv.DictReader(StringIO(content)))


def test_figures_are_exact_text_and_formulas_are_harmless(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CHUNK_ROWS", 1)  # more than one chunk
    ran(engine, "gtn_ledger_recon", off("=cmd()", -1_250), off("C2", 7, "JPY"))
    first, second = lines(engine)
    assert (first["customer"], first["difference"], first["unit"]) == ("'=cmd()", "-12.50", "USD")
    assert (second["customer"], second["difference"], second["unit"]) == ("C2", "7", "JPY")
    assert lines(engine, VarianceFilter(search="C2")) == [second]


def test_a_file_without_variances_is_its_header(engine: Engine) -> None:
    content = report_variances(engine, VarianceFilter(), VarianceOrder.OLDEST).decode()
    assert content.replace('"', "").strip().split(",") == list(COLUMNS)
