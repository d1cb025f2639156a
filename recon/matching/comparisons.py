"""How alike two contents are: texts by rapidfuzz over whole blocks, amounts and dates by distance, one utility of all.

Texts are compared in normal form, where `ratio` is `token_sort_ratio`. A missing text is no disagreement and no
agreement: its similarity is NOT_COMPARED.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from recon.matching.arrays import NONE, Flags, Floats, Ints, spans
from recon.matching.blocking import Block, Contents
from recon.matching.tolerance import Tolerance
from recon.model.rules import Rules

NOT_COMPARED: Final = -1.0
TEXT_FLOOR: Final = 50
"""Below this similarity an exact key is evidence, not proof: texts of different payments rarely reach it."""

CROWDED_FLOOR: Final = 60
"""The same among several rows of one key, where the best of many unrelated texts is easily half alike."""

_DENSE_FROM: Final = 48
_SPARSE_STEP: Final = 250_000
_TILE_SIDE: Final = 1_400
_TASK_CELLS: Final = 1 << 22
_CROWD: Final = 32
"""Partners of one row kept from one matrix; more only says that the texts tell nothing apart."""

Tick = Callable[[int], None]
"""Told how many more candidate pairs have been compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of contents (positions) with the similarity of their texts, 0..100 or NOT_COMPARED."""

    source: Ints
    reference: Ints
    similarity: Floats

    def pick(self, chosen: Flags | Ints) -> Pairs:
        """The chosen pairs alone."""
        return Pairs(source=self.source[chosen], reference=self.reference[chosen], similarity=self.similarity[chosen])


def similarities(source: NDArray[Any], reference: NDArray[Any], threads: int) -> Floats:
    """Similarity of each pair of normal forms (str), one by one; NOT_COMPARED where either is empty."""
    workers = threads if len(source) > _SPARSE_STEP // 10 else 1
    score = process.cpdist(source, reference, scorer=fuzz.ratio, dtype=np.float32, workers=workers)
    blank = np.equal(source, "") | np.equal(reference, "")
    return np.where(blank.astype(np.bool_), np.float32(NOT_COMPARED), score).astype(np.float32)


def compare(
    found: Iterable[Block],
    source_forms: NDArray[Any],
    reference_forms: NDArray[Any],
    *,
    floor: int,
    threads: int,
    tick: Tick,
) -> Pairs:
    """Every candidate pair scoring at least `floor` or not comparable, sorted by (source, reference).

    Crowded ranges are compared as matrices (each query's bit pattern built once), sparse ones pair by pair.
    """
    parts: list[tuple[Ints, Ints, Floats]] = []
    matrix = _Matrix(source_forms, reference_forms, floor)
    for block in found:
        counts = block.pair_counts()
        parts += _sparse(block, counts < _DENSE_FROM, source_forms, reference_forms, floor, threads, tick)
        parts += _dense(block, np.flatnonzero(counts >= _DENSE_FROM), matrix, threads, tick)
    if not parts:
        return Pairs(source=NONE, reference=NONE, similarity=np.zeros(0, np.float32))
    source, reference, score = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((reference, source))
    return Pairs(source=source[order], reference=reference[order], similarity=score[order])


def _sparse(
    block: Block,
    chosen: Flags,
    source_forms: NDArray[Any],
    reference_forms: NDArray[Any],
    floor: float,
    threads: int,
    tick: Tick,
) -> Iterable[tuple[Ints, Ints, Floats]]:
    width = np.repeat(block.reference_count[chosen], block.source_count[chosen])
    source = np.repeat(spans(block.source_start[chosen], block.source_count[chosen]), width)
    reference = spans(np.repeat(block.reference_start[chosen], block.source_count[chosen]), width)
    for begin in range(0, len(source), _SPARSE_STEP):
        one, other = source[begin : begin + _SPARSE_STEP], reference[begin : begin + _SPARSE_STEP]
        score = similarities(source_forms[one], reference_forms[other], threads)
        good = (score >= floor) | (score == NOT_COMPARED)
        tick(len(one))
        yield one[good], other[good], score[good]


class _Matrix:
    """Compares ranges of contents against ranges of contents."""

    def __init__(self, source_forms: NDArray[Any], reference_forms: NDArray[Any], floor: float) -> None:
        self._source, self._reference = source_forms.tolist(), reference_forms.tolist()
        self._source_blank = np.equal(source_forms, "").astype(np.bool_)
        self._reference_blank = np.equal(reference_forms, "").astype(np.bool_)
        self._floor = floor

    def __call__(self, tile: tuple[int, int, int, int]) -> tuple[Ints, Ints, Floats]:
        """Pairs of source[a:b] x reference[c:d] that score the floor or cannot be compared."""
        a, b, c, d = tile
        score = process.cdist(self._source[a:b], self._reference[c:d], scorer=fuzz.ratio, dtype=np.float32)
        score[self._source_blank[a:b]] = NOT_COMPARED
        score[:, self._reference_blank[c:d]] = NOT_COMPARED
        keep = (score >= self._floor) | (score == NOT_COMPARED)
        if np.count_nonzero(keep) > _CROWD * sum(score.shape):
            keep &= _best_of(score) | _best_of(score.T).T
        one, other = np.nonzero(keep)
        return one + a, other + c, score[one, other]


def _best_of(score: Floats) -> Flags:
    """The _CROWD best of every row of a matrix; of equal scores the first ones, counted from the row's own place."""
    height, width = score.shape
    keep = np.ones(score.shape, np.bool_)
    if width <= _CROWD:
        return keep
    turn = (np.arange(width) - np.arange(height)[:, None]) % width
    rank = np.rint(score * 1000).astype(np.int64) * width - turn
    bar = np.partition(rank, width - _CROWD, axis=1)[:, width - _CROWD]
    result: Flags = rank >= bar[:, None]
    return result


def _dense(block: Block, at: Ints, matrix: _Matrix, threads: int, tick: Tick) -> Iterable[tuple[Ints, Ints, Floats]]:
    tasks = _tasks(list(_tiles(block, at)))
    if threads < 2 or len(tasks) < 2:
        for task in tasks:
            yield from map(matrix, task)
            tick(_cells(task))
        return
    with ThreadPoolExecutor(threads) as pool:
        try:
            for task, done in zip(tasks, pool.map(lambda task: [matrix(tile) for tile in task], tasks), strict=True):
                yield from done
                tick(_cells(task))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)  # a cancelled run does not compare on
            raise


def _tiles(block: Block, at: Ints) -> Iterable[tuple[int, int, int, int]]:
    """Ranges cut into matrices of at most _TILE_SIDE rows and columns."""
    columns = (block.source_start, block.source_count, block.reference_start, block.reference_count)
    for start, count, other, width in zip(*(column[at].tolist() for column in columns), strict=True):
        for a in range(start, start + count, _TILE_SIDE):
            for c in range(other, other + width, _TILE_SIDE):
                yield a, min(a + _TILE_SIDE, start + count), c, min(c + _TILE_SIDE, other + width)


def _tasks(tiles: list[tuple[int, int, int, int]]) -> list[list[tuple[int, int, int, int]]]:
    """Tiles in lots of about _TASK_CELLS, so that a thread's turn is neither tiny nor long."""
    tasks: list[list[tuple[int, int, int, int]]] = []
    cells = _TASK_CELLS
    for tile in tiles:
        if cells >= _TASK_CELLS:
            tasks.append([])
            cells = 0
        tasks[-1].append(tile)
        cells += _cells([tile])
    return tasks


def _cells(tiles: list[tuple[int, int, int, int]]) -> int:
    return sum((b - a) * (d - c) for a, b, c, d in tiles)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeness:
    """Each part of a pair's agreement, from 0 (at the edge of the rules) to 1 (equal), and which are equal."""

    amount: NDArray[np.float64]
    days: NDArray[np.float64]
    same_amount: Flags
    same_day: Flags

    @property
    def is_exact(self) -> Flags:
        """Pairs with one exact key."""
        return self.same_amount & self.same_day

    def pick(self, chosen: Flags) -> Closeness:
        """That of the chosen pairs alone."""
        return Closeness(
            amount=self.amount[chosen],
            days=self.days[chosen],
            same_amount=self.same_amount[chosen],
            same_day=self.same_day[chosen],
        )


def closeness(source: Contents, reference: Contents, pairs: Pairs, rules: Rules) -> Closeness:
    """How near amounts and dates of these pairs are, measured in the tolerances of the rules."""
    one, other = source.amount[pairs.source], reference.amount[pairs.reference]
    days = reference.day[pairs.reference] - source.day[pairs.source]
    return Closeness(
        amount=amount_closeness(one, other, rules),
        days=day_closeness(days, rules),
        same_amount=one == other,
        same_day=days == 0,
    )


def amount_closeness(source: Ints, reference: Ints, rules: Rules) -> NDArray[np.float64]:
    """1 where equal, falling to just above 0 at the tolerance."""
    allowed = Tolerance.of(rules).allowed(source, reference)
    result: NDArray[np.float64] = np.maximum(1 - np.abs(source - reference) / (allowed + 1), 0)
    return result


def day_closeness(days: Ints, rules: Rules) -> NDArray[np.float64]:
    """1 on the same day, falling to just above 0 at the end of the window on that side."""
    window = np.where(days < 0, rules.days_before, rules.days_after)
    result: NDArray[np.float64] = np.maximum(1 - np.abs(days) / (window + 1), 0)
    return result


def utilities(pairs: Pairs, near: Closeness, floor: int) -> Ints:
    """What the assignment adds up: similarity above the floor, nearness, and a bonus for an exact key. Always > 0.

    A point of similarity is 1,000. The whole amount tolerance and the whole date window are worth ten points each, an
    equal amount and an equal date five more each, both together another ten. A text that is missing counts as one that
    is just alike enough.
    """
    missing = float(max(floor, TEXT_FLOOR))
    similarity = np.where(pairs.similarity == NOT_COMPARED, missing, pairs.similarity.astype(np.float64))
    points = np.maximum(similarity - floor, 0) + 10 * near.amount + 10 * near.days + 10
    points += 5.0 * near.same_amount + 5.0 * near.same_day + 10.0 * near.is_exact
    result: Ints = np.rint(points * 1000).astype(np.int64)
    return result
