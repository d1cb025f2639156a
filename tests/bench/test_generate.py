"""The generated files hold the mix the benchmark is defined by, and the truth says so."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from recon.bench.baseline import run_baseline
from recon.bench.generate import MAX_AMOUNT_OFF, Fault, Truth, generate
from recon.model.rules import Rules

COUNT = 20_000
Row = dict[str, str]


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth, list[Row], list[Row]]:
    folder = tmp_path_factory.mktemp("bench")
    truth = generate(folder, COUNT)
    return folder, truth, _rows(folder / "source.csv"), _rows(folder / "reference.csv")


def _rows(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _pairs(truth: Truth, source: list[Row], reference: list[Row]) -> list[tuple[int, Row, Row]]:
    partner = dict(zip(truth.reference_movement.tolist(), reference, strict=True))
    return [
        (truth.fault[movement], row, partner[movement])
        for movement, row in zip(truth.source_movement.tolist(), source, strict=True)
        if movement in partner
    ]


def _cents(row: Row) -> int:
    return int(Decimal(row["amount"].replace(",", "")) * 100)


def test_the_mix_is_the_one_the_bench_is_defined_by(generated: tuple[Path, Truth, list[Row], list[Row]]) -> None:
    _, truth, source, reference = generated
    share = np.bincount(truth.fault, minlength=5) / COUNT
    assert share == pytest.approx([0.92, 0.03, 0.03, 0.01, 0.01], abs=0.006)
    duplicated = len(source) + len(reference) - len(set(truth.source_movement)) - len(set(truth.reference_movement))
    assert duplicated == COUNT * 0.005


def test_every_fault_stands_in_the_files_as_the_truth_says(
    generated: tuple[Path, Truth, list[Row], list[Row]],
) -> None:
    _, truth, source, reference = generated
    for fault, mine, theirs in _pairs(truth, source, reference):
        delta = abs(_cents(mine) - _cents(theirs))
        assert mine["currency"] == theirs["currency"]
        assert (mine["date"] != theirs["date"]) == (fault == Fault.DATE_SHIFTED)
        assert (0 < delta <= MAX_AMOUNT_OFF) == (fault == Fault.AMOUNT_OFF)
    source_only = set(truth.source_movement) - set(truth.reference_movement)
    assert all(truth.fault[movement] == Fault.MISSING_IN_REFERENCE for movement in source_only)


def test_popular_price_points_make_keys_collide(generated: tuple[Path, Truth, list[Row], list[Row]]) -> None:
    _, _, source, _ = generated
    keys = [(row["amount"], row["date"], row["currency"]) for row in source]
    assert len(set(keys)) < 0.9 * len(keys)


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        generate(tmp_path / name, 500)
    for file in ("source.csv", "reference.csv"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_truth_survives_being_stored(tmp_path: Path) -> None:
    truth = generate(tmp_path, 300)
    stored = Truth.load(tmp_path / "truth.npz")
    assert np.array_equal(stored.source_movement, truth.source_movement)
    assert stored.pair_count() == truth.pair_count()


def test_the_baseline_finds_what_the_seed_finds(tmp_path: Path) -> None:
    truth = generate(tmp_path, 800)
    rules = Rules(amount_tolerance_minor=50, days_before=2, days_after=2, description_threshold=70)
    result = run_baseline(tmp_path / "source.csv", tmp_path / "reference.csv", rules)
    right = sum(truth.source_movement[s] == truth.reference_movement[r] for s, r in result.pairs)
    assert right > 0.9 * truth.pair_count()
    assert len({s for s, _ in result.pairs}) == len({r for _, r in result.pairs}) == len(result.pairs)
