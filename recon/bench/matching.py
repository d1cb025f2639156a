"""The matching engine by itself: its speed against the seed's loop, and how right it is where no key tells.

Two sets of rows. `generate`: keys that collide, matched with fixed rules; the seed's per-row loop takes the same kind
of rows at the count it can bear. `keyless`: no ids, no equal dates, three quarters of the amounts differ, texts cut;
the learned scoring beside a best-first choice on the very same scores, fixed rules, and Splink.
"""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from recon.bench.compare import BASELINE_COUNT, measure_baseline
from recon.bench.keyless import keyless
from recon.bench.line import Line
from recon.bench.sizes import Sized, measure_size, slope
from recon.bench.without_keys import measure_without_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingBench:
    """The engine at one or several sizes and the loop on rows with keys, and the ways on rows without."""

    sizes: tuple[Sized, ...]
    loop: Line
    keyless: tuple[Line, ...]

    @property
    def keyed(self) -> Line:
        """The engine at the size asked for first."""
        return self.sizes[0].line

    @property
    def ratio(self) -> float:
        """Rows a second of the engine to those of the loop."""
        return self.keyed.rows_per_second / self.loop.rows_per_second

    @property
    def slope(self) -> float | None:
        """How the cost grows with the rows, 1 being linear; None of one size."""
        return slope(self.sizes) if len(self.sizes) > 1 else None

    def document(self) -> dict[str, Any]:
        """The JSON document."""
        return {
            "keyed": [*(sized.document() for sized in self.sizes), asdict(self.loop)],
            "ratio": round(self.ratio, 1),
            "slope": None if self.slope is None else round(self.slope, 3),
            "keyless": [asdict(line) for line in self.keyless],
        }


def bench_matching(
    count: int,
    *,
    more_counts: Sequence[int] = (),
    keyless_count: int,
    loop_count: int = BASELINE_COUNT,
    seed: int = 7,
    with_splink: bool = True,
    dask_address: str | None = None,
) -> MatchingBench:
    """Measure all ways one after the other; `keyless_count` 0 leaves the rows without keys out.

    `dask_address`: of a cluster that does part of the engine's work.
    """
    with tempfile.TemporaryDirectory(prefix="tieout-bench-") as name:
        loop = measure_baseline(Path(name), count=loop_count, seed=seed)
    sizes = tuple(measure_size(size, seed=seed, dask_address=dask_address) for size in (count, *more_counts))
    files = keyless(keyless_count, seed=seed) if keyless_count else None
    return MatchingBench(
        sizes=sizes,
        loop=Line(
            way="seed's loop, row by row",
            rows=loop.rows,
            seconds=loop.stages["match"],
            cpu_seconds=loop.stages["match"],  # one thread, nothing to wait for
            share=1.0,
            precision=loop.precision,
            recall=loop.recall,
        ),
        keyless=measure_without_keys(files, with_splink=with_splink, dask_address=dask_address) if files else (),
    )
