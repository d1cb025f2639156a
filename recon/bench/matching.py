"""The matching engine by itself: its speed against the seed's loop, and how right it is where no key tells.

Two sets of rows. `generate`: keys that collide, matched with fixed rules; the seed's per-row loop takes the same kind
of rows at the count it can bear. `keyless`: no ids, no equal dates, three quarters of the amounts differ, texts cut;
the learned scoring beside a best-first choice on the very same scores, and beside fixed rules.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.bench.compare import BASELINE_COUNT, measure_baseline
from recon.bench.generate import RULES, generate
from recon.bench.keyless import MOST_LAG, Ints, Keyless, keyless
from recon.ingest import read_file
from recon.matching import match
from recon.matching.board import Board
from recon.matching.columns import read_sides
from recon.matching.learned import weigh
from recon.model.outcome import MatchStatus
from recon.model.progress import silent
from recon.model.rules import Rules, Scoring

LEARNED: Final = Rules(scoring=Scoring.LEARNED)
FIXED: Final = Rules(amount_tolerance_percent=Decimal(15), days_before=0, days_after=MOST_LAG, description_threshold=50)
"""As wide as the rows of `keyless` differ, which no one would know beforehand."""

_THREADS: Final = 2
_REPEATS: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One way to match one set of rows: pairs of all rows of the smaller side, and how right they are."""

    way: str
    rows: int
    seconds: float
    share: float
    precision: float
    recall: float

    @property
    def rows_per_second(self) -> float:
        """Rows of both sides a second."""
        return self.rows / self.seconds


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


def bench_matching(count: int, *, keyless_count: int, loop_count: int = BASELINE_COUNT, seed: int = 7) -> MatchingBench:
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
            share=1.0,
            precision=loop.precision,
            recall=loop.recall,
        ),
        keyless=_without_keys(keyless(keyless_count, seed=seed)),
    )


def _keyed(folder: Path, count: int, seed: int) -> Line:
    truth = generate(folder, count, seed=seed)
    source, reference = (read_file(folder / f"{side}.csv").table for side in ("source", "reference"))
    runs = []
    for _ in range(_REPEATS):
        started = time.perf_counter()
        matches = match(source, reference, RULES, threads=_THREADS).matches
        runs.append(time.perf_counter() - started)
    one, other = _pairs(matches.filter(pc.equal(matches["status"], str(MatchStatus.MATCHED))))
    precision, recall = truth.score(truth.source_movement[one], truth.reference_movement[other])
    return Line(
        way="engine, fixed rules",
        rows=source.num_rows + reference.num_rows,
        seconds=statistics.median(runs),
        share=len(one) / min(source.num_rows, reference.num_rows),
        precision=precision,
        recall=recall,
    )


def _without_keys(files: Keyless) -> tuple[Line, ...]:
    started = time.perf_counter()
    learned = match(files.source, files.reference, LEARNED, threads=_THREADS).matches
    seconds = time.perf_counter() - started
    booked = learned.filter(pc.equal(learned["status"], str(MatchStatus.MATCHED)))
    started = time.perf_counter()
    greedy = _greedy(files)
    greedy_seconds = time.perf_counter() - started
    started = time.perf_counter()
    fixed = match(files.source, files.reference, FIXED, threads=_THREADS).matches
    fixed_seconds = time.perf_counter() - started
    return (
        _line("learned: booked", files, *_pairs(booked), seconds),
        _line("learned: and suggested", files, *_likeliest(learned), seconds),
        _line("same scores, best first", files, *greedy, greedy_seconds),
        _line("fixed rules, as wide", files, *_likeliest(fixed), fixed_seconds),
    )


def _line(way: str, files: Keyless, source_row: Ints, reference_row: Ints, seconds: float) -> Line:
    precision, recall = files.score(source_row, reference_row)
    return Line(
        way=way,
        rows=files.source.num_rows + files.reference.num_rows,
        seconds=seconds,
        share=len(source_row) / min(files.source.num_rows, files.reference.num_rows),
        precision=precision,
        recall=recall,
    )


def _pairs(matches: pa.Table) -> tuple[Ints, Ints]:
    return matches["source_row"].to_numpy(), matches["reference_row"].to_numpy()


def _likeliest(matches: pa.Table) -> tuple[Ints, Ints]:
    """The pairs of the greatest confidence of both their rows."""
    source, reference = _pairs(matches)
    confidence = matches["confidence"].to_numpy()
    first = _first_of_each(source, reference, confidence) & _first_of_each(reference, source, confidence)
    return source[first], reference[first]


def _first_of_each(end: Ints, partner: Ints, confidence: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether each pair is the most confident of its end; of equals the first partner's."""
    order = np.lexsort((partner, -confidence, end))
    is_first = np.zeros(len(end), np.bool_)
    is_first[order[np.unique(end[order], return_index=True)[1]]] = True
    return is_first


def _greedy(files: Keyless) -> tuple[Ints, Ints]:
    """Learned scores, but the best pair first, then the best of what is left: what most tools do."""
    sides = read_sides(files.source, files.reference, _THREADS, lambda _: None)
    board = Board(sides, LEARNED, threads=_THREADS, on_progress=silent)
    weighed = weigh(board)
    assert weighed is not None
    likely = np.flatnonzero(weighed.gain > 0)
    source_free, reference_free = board.source_free.copy(), board.reference_free.copy()
    taken = []
    for at in likely[np.argsort(-weighed.score[likely], kind="stable")].tolist():
        one, other = weighed.pairs.source[at], weighed.pairs.reference[at]
        if source_free[one] and reference_free[other]:
            source_free[one] = reference_free[other] = False
            taken.append(at)
    return board.source.row[weighed.pairs.source[taken]], board.reference.row[weighed.pairs.reference[taken]]
