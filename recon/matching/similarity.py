"""Texts of many candidate pairs compared by rapidfuzz, a way for each size of block.

Sparse blocks are gathered and compared pair by pair. Crowded ones go through matrices, where the bit pattern of each
text is built once a row. Beyond a size where even that would be quadratic, each text meets only its `neighbours`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from recon.matching.arrays import NONE, Flags, Floats, Ints, spans
from recon.matching.blocking import Block
from recon.matching.comparisons import NOT_COMPARED, Pairs, blank, similarities
from recon.matching.crowds import is_crowd, neighbours

_DENSE_FROM: Final = 48
"""Pairs of a range against a range from which a matrix is cheaper than single pairs."""
_STEP: Final = 250_000
_TILE_SIDE: Final = 1_024
_TASK_CELLS: Final = 1 << 22
_KEPT: Final = 32
"""Partners of one row kept from one matrix; more only says that the texts tell nothing apart."""

Tick = Callable[[int], None]
"""Told how many more candidate pairs are done with."""

Scored = tuple[Ints, Ints, Floats]
Tile = tuple[int, int, int, int]
"""Sources a to b against references c to d."""


class TextComparison:
    """Compares the texts of contents of two sides, given their normal forms (str) by position."""

    def __init__(
        self, source_forms: NDArray[Any], reference_forms: NDArray[Any], *, floor: int, threads: int, tick: Tick
    ) -> None:
        self._source, self._reference = source_forms, reference_forms
        self._source_list, self._reference_list = source_forms.tolist(), reference_forms.tolist()
        self._source_blank, self._reference_blank = blank(source_forms), blank(reference_forms)
        self._floor, self._threads, self._tick = floor, threads, tick

    def over(self, block: Block) -> Pairs:
        """The candidate pairs of a block that score the floor or cannot be compared."""
        counts = block.pair_counts()
        crowded = is_crowd(block.source_count, block.reference_count)
        dense = (counts >= _DENSE_FROM) & ~crowded
        parts = [(NONE, NONE, np.zeros(0, np.float32))]
        parts += self._sparse(block, counts < _DENSE_FROM)
        parts += self._dense(list(_tiles(block, np.flatnonzero(dense))))
        parts += self._crowded(block, np.flatnonzero(crowded))
        source, reference, score = (np.concatenate(column) for column in zip(*parts, strict=True))
        return Pairs(source=source, reference=reference, similarity=score)

    def _sparse(self, block: Block, chosen: Flags) -> Iterator[Scored]:
        width = np.repeat(block.reference_count[chosen], block.source_count[chosen])
        source = np.repeat(spans(block.source_start[chosen], block.source_count[chosen]), width)
        reference = spans(np.repeat(block.reference_start[chosen], block.source_count[chosen]), width)
        yield from self._pair_by_pair(source, reference)

    def _pair_by_pair(self, source: Ints, reference: Ints) -> Iterator[Scored]:
        for begin in range(0, len(source), _STEP):
            one, other = source[begin : begin + _STEP], reference[begin : begin + _STEP]
            score = similarities(self._source[one], self._reference[other], self._threads)
            good = (score >= self._floor) | (score == NOT_COMPARED)
            self._tick(len(one))
            yield one[good], other[good], score[good]

    def _crowded(self, block: Block, at: Ints) -> Iterator[Scored]:
        columns = (block.source_start, block.source_count, block.reference_start, block.reference_count)
        for a, height, c, width in zip(*(column[at].tolist() for column in columns), strict=True):
            source, reference = neighbours(self._source[a : a + height], self._reference[c : c + width])
            self._tick(0)
            yield from self._pair_by_pair(source + a, reference + c)
            self._tick(max(height * width - len(source), 0))

    def _dense(self, tiles: list[Tile]) -> Iterator[Scored]:
        tasks = _tasks(tiles)
        if self._threads < 2 or len(tasks) < 2:
            for task in tasks:
                yield from map(self._matrix, task)
                self._tick(_cells(task))
            return
        with ThreadPoolExecutor(self._threads) as pool:
            try:
                for task, scored in zip(tasks, pool.map(self._matrices, tasks), strict=True):
                    yield from scored
                    self._tick(_cells(task))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)  # who cancels a run does not wait for its comparisons
                raise

    def _matrices(self, task: list[Tile]) -> list[Scored]:
        return [self._matrix(tile) for tile in task]

    def _matrix(self, tile: Tile) -> Scored:
        a, b, c, d = tile
        score = process.cdist(self._source_list[a:b], self._reference_list[c:d], scorer=fuzz.ratio, dtype=np.float32)
        score[self._source_blank[a:b]] = NOT_COMPARED
        score[:, self._reference_blank[c:d]] = NOT_COMPARED
        keep = (score >= self._floor) | (score == NOT_COMPARED)
        if np.count_nonzero(keep) > _KEPT * sum(score.shape):
            keep &= _best_of(score) | _best_of(score.T).T
        one, other = np.nonzero(keep)
        return one + a, other + c, score[one, other]


def _best_of(score: Floats) -> Flags:
    """The _KEPT best of every row of a matrix; of equal scores the first ones, counted from the row's own place."""
    height, width = score.shape
    if width <= _KEPT:
        return np.ones(score.shape, np.bool_)
    turn = (np.arange(width) - np.arange(height)[:, None]) % width
    rank = np.rint(score * 1000).astype(np.int64) * width - turn
    bar = np.partition(rank, width - _KEPT, axis=1)[:, width - _KEPT]
    result: Flags = rank >= bar[:, None]
    return result


def _tiles(block: Block, at: Ints) -> Iterator[Tile]:
    """Ranges cut into matrices of at most _TILE_SIDE rows and columns."""
    columns = (block.source_start, block.source_count, block.reference_start, block.reference_count)
    for start, count, other, width in zip(*(column[at].tolist() for column in columns), strict=True):
        for a in range(start, start + count, _TILE_SIDE):
            for c in range(other, other + width, _TILE_SIDE):
                yield a, min(a + _TILE_SIDE, start + count), c, min(c + _TILE_SIDE, other + width)


def _tasks(tiles: list[Tile]) -> list[list[Tile]]:
    """Tiles in lots of about _TASK_CELLS, so that a thread's turn is neither tiny nor long."""
    tasks: list[list[Tile]] = []
    cells = _TASK_CELLS
    for tile in tiles:
        if cells >= _TASK_CELLS:
            tasks.append([])
            cells = 0
        tasks[-1].append(tile)
        cells += _cells([tile])
    return tasks


def _cells(tiles: list[Tile]) -> int:
    return sum((b - a) * (d - c) for a, b, c, d in tiles)
