"""The whole path against the per-row baseline, in one run on one machine: what `python -m recon bench N` reports."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from recon.bench.baseline import BaselineResult, run_baseline
from recon.bench.generate import RULES, Truth, generate
from recon.errors import TieoutError
from recon.workflows.child_process import environment

BASELINE_COUNT: Final = 5_000
BASELINE_REPEATS: Final = 5
BASELINE_INCLUDES: Final = (
    "reads both CSV files with csv.DictReader and Decimal, matches row by row in plain Python; stores nothing"
)


class BenchFailed(TieoutError):
    code = "BENCH_FAILED"

    def __init__(self, what: str) -> None:
        super().__init__(f"The benchmark stopped: {what} ended early. What it said is above.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One way of reconciling: rows of both sides, seconds in all and by stage, and how right it was."""

    rows: int
    seconds: float
    stages: dict[str, float]
    precision: float
    recall: float

    @property
    def rows_per_second(self) -> float:
        return self.rows / self.seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The whole path at `count` movements, and the baseline at as many as it can be asked for."""

    count: int
    path: Measured
    peak_memory_bytes: int
    baseline: Measured

    @property
    def ratio(self) -> float:
        return self.path.rows_per_second / self.baseline.rows_per_second

    def document(self) -> dict[str, Any]:
        """The JSON document of the comparison."""
        return {
            "movements": self.count,
            "whole_path": _document(self.path) | {"peak_memory_mb": round(self.peak_memory_bytes / 1e6)},
            "baseline": _document(self.baseline) | {"includes": BASELINE_INCLUDES},
            "ratio": round(self.ratio, 1),
        }


def compare(
    count: int, *, baseline_count: int = BASELINE_COUNT, seed: int = 7, say: Callable[[str], None]
) -> Comparison:
    """Generate, take the files down the whole path, run the baseline; all in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as name:
        folder = Path(name)
        say(f"Running the baseline at {baseline_count:,} x {baseline_count:,} ...")
        baseline = measure_baseline(folder / "baseline", count=baseline_count, seed=seed)
        say(f"Writing {count:,} x {count:,} rows ...")
        run_child("recon.bench.generate", str(folder / "path"), str(count), str(seed))
        say("Running the whole path ...")
        told = json.loads(run_child("recon.bench.path", str(folder / "path")))
    path = Measured(**{name: told[name] for name in Measured.__slots__})
    return Comparison(count=count, path=path, peak_memory_bytes=told["peak_memory_bytes"], baseline=baseline)


def measure_baseline(folder: Path, *, count: int, seed: int) -> Measured:
    """The median of some runs of the baseline."""
    truth = generate(folder, count, seed=seed)
    files = (folder / "source.csv", folder / "reference.csv")
    results = [run_baseline(*files, RULES) for _ in range(BASELINE_REPEATS)]
    parse = statistics.median(result.parse_seconds for result in results)
    match = statistics.median(result.match_seconds for result in results)
    precision, recall = _score(truth, results[0])
    return Measured(
        rows=results[0].row_count,
        seconds=parse + match,
        stages={"read": parse, "match": match},
        precision=precision,
        recall=recall,
    )


def _score(truth: Truth, result: BaselineResult) -> tuple[float, float]:
    rows = np.array(result.pairs)
    return truth.score(truth.source_movement[rows[:, 0]], truth.reference_movement[rows[:, 1]])


def run_child(module: str, *arguments: str) -> str:
    """A module in a process of its own, started as a worker starts its child; returns what it prints."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, env=environment(), check=False)  # noqa: S603 - ours
    if done.returncode:
        raise BenchFailed(module)
    return done.stdout


def _document(measured: Measured) -> dict[str, Any]:
    return {
        "rows": measured.rows,
        "seconds": round(measured.seconds, 3),
        "rows_per_second": round(measured.rows_per_second),
        "stages": {
            name: {"seconds": round(seconds, 3), "rows_per_second": round(measured.rows / seconds) if seconds else None}
            for name, seconds in measured.stages.items()
        },
        "precision": round(measured.precision, 5),
        "recall": round(measured.recall, 5),
    }
