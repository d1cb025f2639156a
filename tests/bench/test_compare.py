"""A tiny benchmark runs the whole path and says what it measured; figures are never asserted."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from recon.bench.compare import compare
from recon.bench.generate import Truth, generate
from recon.cli.app import app


@pytest.fixture(autouse=True)
def _database(monkeypatch: pytest.MonkeyPatch, database_url: str) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


def test_a_tiny_bench_goes_all_the_way() -> None:
    said: list[str] = []
    found = compare(400, baseline_count=150, say=said.append)
    assert found.path.recall > 0.9
    assert found.path.precision > 0.9
    assert {"receive", "read", "classify", "other"} <= set(found.path.stages)
    assert sum(found.path.stages.values()) == pytest.approx(found.path.seconds)
    assert len(said) == 3

    told = found.document()
    assert told["movements"] == 400
    assert set(told["whole_path"]) >= {"rows", "rows_per_second", "stages", "peak_memory_mb", "precision", "recall"}
    assert told["baseline"]["rows"] == found.baseline.rows
    assert "includes" in told["baseline"]


def test_a_number_is_all_the_command_needs() -> None:
    ended = CliRunner().invoke(app, ["bench", "12"])
    assert ended.exit_code == 2
    assert "bench path" in ended.stderr


def test_a_copy_of_a_row_is_as_right_a_partner_as_the_row(tmp_path: Path) -> None:
    truth = generate(tmp_path, 400)
    on_both = np.intersect1d(truth.source_movement, truth.reference_movement)
    assert truth.score(on_both, on_both) == (1.0, 1.0)
    wrong = on_both[::-1].copy()
    assert truth.score(on_both, wrong)[0] < 0.1
    assert Truth.load(tmp_path / "truth.npz").score(on_both[:0], on_both[:0]) == (0.0, 0.0)
