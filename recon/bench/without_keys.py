"""How right each way is on rows without any key (`keyless`): no ids, no equal dates, three quarters of amounts differ.

The learned scoring, what it books and what it suggests besides; a best-first choice on the very same scores; fixed
rules as wide as the rows differ; and Splink.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.bench.keyless import MOST_LAG, Ints, Keyless
from recon.bench.line import Clock, Line
from recon.bench.splink_model import MODELS, best_first, link, splink_version
from recon.matching import match
from recon.matching.board import Board
from recon.matching.columns import read_sides
from recon.matching.learned import weigh
from recon.model.outcome import MatchStatus
from recon.model.progress import silent
from recon.model.rules import Rules, Scoring
from recon.workflows.cluster import crew_at

LEARNED: Final = Rules(scoring=Scoring.LEARNED)
FIXED: Final = Rules(amount_tolerance_percent=Decimal(15), days_before=0, days_after=MOST_LAG, description_threshold=50)
"""As wide as the rows of `keyless` differ, which no one would know beforehand."""

THREADS: Final = 2


def measure_without_keys(
    files: Keyless, *, with_splink: bool = True, dask_address: str | None = None
) -> tuple[Line, ...]:
    """All ways on the same rows, one after the other; Splink's if it is installed and asked for.

    `dask_address`: of a cluster for the learned scoring.
    """
    with crew_at(dask_address) as crew:
        clock = Clock()
        learned = match(files.source, files.reference, LEARNED, threads=THREADS, crew=crew).matches
        taken = clock.read()
    booked = learned.filter(pc.equal(learned["status"], str(MatchStatus.MATCHED)))
    clock = Clock()
    greedy = _greedy(files)
    greedy_taken = clock.read()
    clock = Clock()
    fixed = match(files.source, files.reference, FIXED, threads=THREADS).matches
    fixed_taken = clock.read()
    return (
        _line("learned: booked" + (", on Dask" if dask_address else ""), files, *pairs_of(booked), taken),
        _line("learned: and suggested", files, *_likeliest(learned), taken),
        _line("same scores, best first", files, *greedy, greedy_taken),
        _line("fixed rules, as wide", files, *_likeliest(fixed), fixed_taken),
        *(_with_splink(files, model) for model in (MODELS if with_splink and splink_version() else ())),
    )


def _with_splink(files: Keyless, model: str) -> Line:
    clock = Clock()
    pairs = link(files, model)
    return _line(f"Splink {splink_version()}, {model}, best first", files, *pairs, clock.read())


def _line(way: str, files: Keyless, source_row: Ints, reference_row: Ints, taken: tuple[float, float]) -> Line:
    precision, recall = files.score(source_row, reference_row)
    return Line(
        way=way,
        rows=files.source.num_rows + files.reference.num_rows,
        seconds=taken[0],
        cpu_seconds=taken[1],
        share=len(source_row) / min(files.source.num_rows, files.reference.num_rows),
        precision=precision,
        recall=recall,
    )


def pairs_of(matches: pa.Table) -> tuple[Ints, Ints]:
    """The rows of each line of a table of matches."""
    return matches["source_row"].to_numpy(), matches["reference_row"].to_numpy()


def _likeliest(matches: pa.Table) -> tuple[Ints, Ints]:
    """The pairs of the greatest confidence of both their rows."""
    source, reference = pairs_of(matches)
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
    sides = read_sides(files.source, files.reference, THREADS, lambda _: None)
    board = Board(sides, LEARNED, threads=THREADS, on_progress=silent)
    weighed = weigh(board)
    assert weighed is not None
    likely = np.flatnonzero(weighed.gain > 0)
    pairs = weighed.pairs
    one, other = best_first(pairs.source[likely], pairs.reference[likely], weighed.score[likely])
    return board.source.row[one], board.reference.row[other]
