"""The matching engine by itself: its speed against the seed's loop, and how right it is where no key tells.

Two sets of rows. `generate`: keys that collide, matched with fixed rules; the seed's per-row loop takes the same kind
of rows at the count it can bear. `keyless`: no ids, no equal dates, three quarters of the amounts differ, texts cut;
the learned scoring beside a best-first choice on the very same scores, fixed rules, and Splink.
"""

from __future__ import annotations

import statistics
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import pyarrow.compute as pc

from recon.bench.compare import BASELINE_COUNT, measure_baseline
from recon.bench.generate import RULES, generate
from recon.bench.keyless import keyless
from recon.bench.line import Clock, Line
from recon.bench.without_keys import THREADS, measure_without_keys, pairs_of
from recon.ingest import read_file
from recon.matching import match
from recon.model.outcome import MatchStatus

_REPEATS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingBench:
    """The engine and the loop on rows with keys, and the ways on rows without."""

    keyed: Line
    loop: Line
    keyless: tuple[Line, ...]

    @property
    def ratio(self) -> float:
        """Rows a second of the engine to those of the loop."""
        return self.keyed.rows_per_second / self.loop.rows_per_second

    def document(self) -> dict[str, Any]:
        """The JSON document."""
        return {
            "keyed": [asdict(self.keyed), asdict(self.loop)],
            "ratio": round(self.ratio, 1),
            "keyless": [asdict(line) for line in self.keyless],
        }


def bench_matching(
    count: int, *, keyless_count: int, loop_count: int = BASELINE_COUNT, seed: int = 7, with_splink: bool = True
) -> MatchingBench:
    """Measure all ways in this process, one after the other."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as name:
        loop = measure_baseline(Path(name) / "loop", count=loop_count, seed=seed)
        keyed = _keyed(Path(name) / "keyed", count, seed)
    return MatchingBench(
        keyed=keyed,
        loop=Line(
            way="seed's loop, row by row",
            rows=loop.rows,
            seconds=loop.stages["match"],
            cpu_seconds=loop.stages["match"],  # one thread, nothing to wait for
            share=1.0,
            precision=loop.precision,
            recall=loop.recall,
        ),
        keyless=measure_without_keys(keyless(keyless_count, seed=seed), with_splink=with_splink),
    )


def _keyed(folder: Path, count: int, seed: int) -> Line:
    truth = generate(folder, count, seed=seed)
    source, reference = (read_file(folder / f"{side}.csv").table for side in ("source", "reference"))
    runs, processors = [], []
    for _ in range(_REPEATS):
        clock = Clock()
        matches = match(source, reference, RULES, threads=THREADS).matches
        seconds, cpu_seconds = clock.read()
        runs.append(seconds)
        processors.append(cpu_seconds)
    one, other = pairs_of(matches.filter(pc.equal(matches["status"], str(MatchStatus.MATCHED))))
    precision, recall = truth.score(truth.source_movement[one], truth.reference_movement[other])
    return Line(
        way="engine, fixed rules",
        rows=source.num_rows + reference.num_rows,
        seconds=statistics.median(runs),
        cpu_seconds=statistics.median(processors),
        share=len(one) / min(source.num_rows, reference.num_rows),
        precision=precision,
        recall=recall,
    )
