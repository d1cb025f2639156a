"""The engine at growing sizes, on rows with keys that collide: rows a second, memory, and how its cost grows.

Every size is matched in a process of its own, started as a worker starts its child, so that its peak memory is its
own. Rows are generated a million movements at a time, in a process before it, and handed over as Parquet.
"""

from __future__ import annotations

import json
import math
import statistics
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from recon.bench.compare import run_child
from recon.bench.generate import RULES, Truth, generate_tables
from recon.bench.line import Clock, Line
from recon.bench.memory import peak_bytes
from recon.matching import match
from recon.model.outcome import MatchStatus
from recon.workflows.cluster import crew_at

THREADS: Final = 2
_SLICE: Final = 1_000_000
_REPEATS: Final = 5
_REPEATED_UPTO: Final = 2_000_000
"""Movements from which one run is measured, not the median of _REPEATS: it is long enough to be steady."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sized:
    """The engine on `count` movements. `peak_bytes`: of its process, the two tables among it."""

    count: int
    line: Line
    peak_bytes: int

    def document(self) -> dict[str, Any]:
        """The JSON document."""
        return {"movements": self.count, **asdict(self.line), "peak_memory_mb": round(self.peak_bytes / 1e6)}


def measure_size(count: int, *, seed: int = 7, dask_address: str | None = None) -> Sized:
    """Generate `count` movements, match them, both in processes of their own; the latter with a cluster, if any."""
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as folder:
        run_child("recon.bench.sizes", "generate", folder, str(count), str(seed))
        told = json.loads(run_child("recon.bench.sizes", "match", folder, *filter(None, [dask_address])))
    return Sized(count=count, line=Line(**told["line"]), peak_bytes=told["peak_bytes"])


def slope(sizes: Sequence[Sized]) -> float:
    """Growth of log time over log rows from the smallest size to the largest: 1 is linear."""
    small, large = min(sizes, key=_rows), max(sizes, key=_rows)
    return math.log(large.line.seconds / small.line.seconds) / math.log(large.line.rows / small.line.rows)


def _rows(sized: Sized) -> int:
    return sized.line.rows


def write_tables(folder: Path, count: int, *, seed: int) -> None:
    """`source.parquet`, `reference.parquet` and `truth.npz` of `count` movements, a slice at a time."""
    writers: dict[str, pq.ParquetWriter] = {}
    truths: list[Truth] = []
    for number, first in enumerate(range(0, count, _SLICE)):
        *tables, truth = generate_tables(min(_SLICE, count - first), seed=seed + number, first=2 * first)
        for name, table in zip(("source", "reference"), tables, strict=True):
            if name not in writers:
                writers[name] = pq.ParquetWriter(folder / f"{name}.parquet", table.schema)
            writers[name].write_table(table)
        truths.append(truth)
    for writer in writers.values():
        writer.close()
    _joined(truths).save(folder / "truth.npz")


def _joined(truths: Sequence[Truth]) -> Truth:
    starts = np.cumsum([0, *(len(truth.fault) for truth in truths)]).tolist()
    return Truth(
        source_movement=np.concatenate([t.source_movement + at for t, at in zip(truths, starts, strict=False)]),
        reference_movement=np.concatenate([t.reference_movement + at for t, at in zip(truths, starts, strict=False)]),
        fault=np.concatenate([truth.fault for truth in truths]),
    )


def match_tables(folder: Path, dask_address: str | None = None) -> dict[str, Any]:
    """What this process takes to match the tables of a folder, as the document `measure_size` reads."""
    source, reference = (pq.read_table(folder / f"{name}.parquet").combine_chunks() for name in ("source", "reference"))
    repeats = _REPEATS if source.num_rows <= _REPEATED_UPTO else 1
    taken = []
    with crew_at(dask_address) as crew:
        for _ in range(repeats):
            clock = Clock()
            matches = match(source, reference, RULES, threads=THREADS, crew=crew).matches
            taken.append(clock.read())
    peak = peak_bytes()
    booked = matches.filter(pc.equal(matches["status"], str(MatchStatus.MATCHED)))
    one, other = booked["source_row"].to_numpy(), booked["reference_row"].to_numpy()
    truth = Truth.load(folder / "truth.npz")
    precision, recall = truth.score(truth.source_movement[one], truth.reference_movement[other])
    line = Line(
        way="engine, fixed rules" + (", on Dask" if dask_address else ""),
        rows=source.num_rows + reference.num_rows,
        seconds=statistics.median(seconds for seconds, _ in taken),
        cpu_seconds=statistics.median(cpu_seconds for _, cpu_seconds in taken),
        share=len(one) / min(source.num_rows, reference.num_rows),
        precision=precision,
        recall=recall,
    )
    return {"line": asdict(line), "peak_bytes": peak}


if __name__ == "__main__":
    what, where = sys.argv[1], Path(sys.argv[2])
    if what == "generate":
        write_tables(where, int(sys.argv[3]), seed=int(sys.argv[4]))
    else:
        sys.stdout.write(json.dumps(match_tables(where, *sys.argv[3:])))
