"""A tiny benchmark of the engine says what it measured; figures of speed are never asserted."""

from __future__ import annotations

import json

import numpy as np
import pyarrow.compute as pc
import pytest
from typer.testing import CliRunner

from recon.bench.keyless import keyless
from recon.bench.matching import bench_matching
from recon.bench.splink_model import best_first, link
from recon.cli.app import app


def test_a_tiny_bench_compares_all_ways() -> None:
    found = bench_matching(400, keyless_count=400, loop_count=150, with_splink=False)
    assert found.keyed.precision > 0.9
    assert found.keyed.recall > 0.9
    assert [line.way for line in found.keyless] == [
        "learned: booked",
        "learned: and suggested",
        "same scores, best first",
        "fixed rules, as wide",
    ]
    assert all(line.precision > 0.9 for line in found.keyless)
    assert set(found.document()) == {"keyed", "ratio", "slope", "keyless"}
    assert found.slope is None


def test_several_sizes_tell_how_the_cost_grows() -> None:
    found = bench_matching(200, more_counts=(400,), keyless_count=0, loop_count=100)
    assert [sized.count for sized in found.sizes] == [200, 400]
    assert found.sizes[1].line.rows > found.sizes[0].line.rows
    assert all(sized.peak_bytes > 10_000_000 for sized in found.sizes)
    assert found.slope is not None
    assert found.keyless == ()


def test_the_command_tells_it_as_json() -> None:
    ended = CliRunner().invoke(app, ["bench", "matching", "200", "--keyless", "200", "--no-splink", "--json"])
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


def test_splink_links_the_same_rows_where_it_is_installed() -> None:
    pytest.importorskip("splink")
    files = keyless(1_000)
    precision, recall = files.score(*link(files, "tailored"))
    assert precision > 0.95
    assert recall > 0.95


def test_a_best_first_choice_takes_no_row_twice() -> None:
    one, other = best_first(np.array([0, 0, 1]), np.array([0, 1, 0]), np.array([9.0, 8.0, 8.5]))
    assert (one.tolist(), other.tolist()) == ([0], [0])


def test_the_place_of_a_row_says_nothing_about_its_partner() -> None:
    files = keyless(2_000)
    _, one, other = np.intersect1d(files.source_movement, files.reference_movement, return_indices=True)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.1
    assert abs(np.corrcoef(files.source["line"].to_numpy()[one], files.reference["line"].to_numpy()[other])[0, 1]) < 0.1
