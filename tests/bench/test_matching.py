"""A tiny benchmark of the engine says what it measured; figures of speed are never asserted."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.compute as pc
from typer.testing import CliRunner

from recon.bench.keyless import keyless
from recon.bench.matching import bench_matching
from recon.cli.app import app


def test_a_tiny_bench_compares_all_ways() -> None:
    found = bench_matching(400, keyless_count=400, loop_count=150)
    assert found.keyed.precision > 0.9
    assert found.keyed.recall > 0.9
    assert [line.way for line in found.keyless] == [
        "learned: booked",
        "learned: and suggested",
        "same scores, best first",
        "fixed rules, as wide",
    ]
    assert all(line.precision > 0.9 for line in found.keyless)
    assert set(found.document()) == {"keyed", "ratio", "keyless"}


def test_the_command_tells_it_as_json() -> None:
    ended = CliRunner().invoke(app, ["bench", "matching", "200", "--keyless", "200", "--json"])
    assert ended.exit_code == 0
    assert len(json.loads(ended.stdout)["keyless"]) == 4


def test_rows_without_keys_share_no_id_and_no_date() -> None:
    files = keyless(500)
    both, one, other = np.intersect1d(files.source_movement, files.reference_movement, return_indices=True)
    source, reference = files.source.take(one), files.reference.take(other)
    assert not set(source["txn_id"].to_pylist()) & set(reference["txn_id"].to_pylist())
    lags = pc.days_between(source["date"], reference["date"]).to_numpy()
    assert lags.min() >= 1
    assert lags.max() <= 21
    differing = pc.sum(pc.not_equal(source["amount"], reference["amount"])).as_py() / len(both)
    assert 0.7 < differing < 0.8


def test_the_same_seed_gives_the_same_rows() -> None:
    assert keyless(50).source.equals(keyless(50).source)
    assert not keyless(50).source.equals(keyless(50, seed=8).source)
