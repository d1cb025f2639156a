"""Texts of many candidate pairs compared by rapidfuzz, a way for each size of block.

Sparse blocks are gathered and compared pair by pair. Crowded ones go through matrices, where the bit pattern of each
text is built once a row. Beyond a size where even that would be quadratic, each text meets only its `neighbours`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from recon.matching.arrays import NONE, Flags, Floats, Ints, run_starts, spans
from recon.matching.blocking import Block
from recon.matching.comparisons import NOT_COMPARED, Pairs, blank, similarities
from recon.matching.crowds import is_crowd, neighbours

_DENSE_FROM: Final = 8
"""Pairs of a range against a range from which a matrix is cheaper than single pairs."""
_STEP: Final = 250_000
_TILE_SIDE: Final = 1_024
_TASK_CELLS: Final = 1 << 19
_WORTH_A_THREAD: Final = 400
"""Pairs of a matrix from which it is worth handing the interpreter over."""
_KEPT: Final = 32
"""Partners of one row kept from one matrix; more only says that the texts tell nothing apart."""

Tick = Callable[[int], None]
"""Told how many more candidate pairs are done with."""

Scored = tuple[Ints, Ints, Floats]


class TextComparison:
    """Compares the texts of contents of two sides, given their normal forms (str) by position."""

    def __init__(
        self, source_forms: NDArray[Any], reference_forms: NDArray[Any], *, floor: int, threads: int, tick: Tick
    ) -> None:
        self._source, self._reference = source_forms, reference_forms
        self._source_list, self._reference_list = source_forms.tolist(), reference_forms.tolist()
        self._source_blank, self._reference_blank = blank(source_forms), blank(reference_forms)
        self._some_blank = bool(self._source_blank.any() or self._reference_blank.any())
        self._floor, self._threads, self._tick = floor, threads, tick

    def over(self, block: Block) -> Pairs:
        """The candidate pairs of a block that score the floor or cannot be compared."""
        counts = block.pair_counts()
        crowded = is_crowd(block.source_count, block.reference_count)
        dense = (counts >= _DENSE_FROM) & ~crowded
        parts = [(NONE, NONE, np.zeros(0, np.float32))]
        parts += self._sparse(block, counts < _DENSE_FROM)
        parts += self._dense(_Tiles.of(block, dense))
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

    def _dense(self, tiles: _Tiles) -> Iterator[Scored]:
        """Large matrices in threads; the many small ones meanwhile here, as they are mostly the interpreter's work."""
        is_small = tiles.height * tiles.width < _WORTH_A_THREAD
        large = tiles.pick(~is_small).tasks()
        with ThreadPoolExecutor(self._threads) as pool:
            try:
                started = pool.map(self._matrices, large) if self._threads > 1 else map(self._matrices, large)
                for task in tiles.pick(is_small).tasks():
                    yield self._matrices(task)
                    self._tick(task.cell_count)
                for task, scored in zip(large, started, strict=True):
                    yield scored
                    self._tick(task.cell_count)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)  # who cancels a run does not wait for its comparisons
                raise

    def _matrices(self, tiles: _Tiles) -> Scored:
        """The pairs worth keeping of a task's tiles: a matrix for each, but one look for good scores over all."""
        one, other = self._source_list, self._reference_list
        corners = zip(*(column.tolist() for column in (tiles.a, tiles.b, tiles.c, tiles.d)), strict=True)
        matrices = [process.cdist(one[a:b], other[c:d], scorer=fuzz.ratio) for a, b, c, d in corners]
        if self._some_blank:
            self._mark_blank(tiles, matrices)
        score: Floats = np.concatenate([matrix.ravel() for matrix in matrices])
        keep = score >= self._floor
        if self._some_blank:
            keep |= score == NOT_COMPARED
        begin = tiles.begin
        kept = np.add.reduceat(keep, begin, dtype=np.int64)
        for at in np.flatnonzero(kept > _KEPT * (tiles.height + tiles.width)).tolist():
            best = _best_of(matrices[at]) | _best_of(matrices[at].T).T
            keep[begin[at] : begin[at] + best.size] &= best.ravel()
        cell = np.flatnonzero(keep)
        tile = np.searchsorted(begin, cell, "right") - 1
        row, column = np.divmod(cell - begin[tile], tiles.width[tile])
        return tiles.a[tile] + row, tiles.c[tile] + column, score[cell]

    def _mark_blank(self, tiles: _Tiles, matrices: list[Floats]) -> None:
        for matrix, a, b, c, d in zip(matrices, tiles.a, tiles.b, tiles.c, tiles.d, strict=True):
            matrix[self._source_blank[a:b]] = NOT_COMPARED
            matrix[:, self._reference_blank[c:d]] = NOT_COMPARED


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tiles:
    """Matrices of pairs: sources a to b against references c to d, none empty."""

    a: Ints
    b: Ints
    c: Ints
    d: Ints

    @classmethod
    def of(cls, block: Block, chosen: Flags) -> _Tiles:
        """The chosen ranges of a block, cut into matrices of at most _TILE_SIDE rows and columns."""
        a, c = block.source_start[chosen], block.reference_start[chosen]
        b, d = a + block.source_count[chosen], c + block.reference_count[chosen]
        whole, a, b = _cut(a, b)
        again, c, d = _cut(c[whole], d[whole])
        return cls(a=a[again], b=b[again], c=c, d=d)

    def pick(self, chosen: Flags) -> _Tiles:
        """The chosen tiles alone."""
        return _Tiles(a=self.a[chosen], b=self.b[chosen], c=self.c[chosen], d=self.d[chosen])

    @property
    def height(self) -> Ints:
        return self.b - self.a

    @property
    def width(self) -> Ints:
        return self.d - self.c

    @property
    def begin(self) -> Ints:
        """Where the cells of each tile begin, when all stand in one row."""
        cells = self.height * self.width
        begin: Ints = np.cumsum(cells) - cells
        return begin

    @property
    def cell_count(self) -> int:
        return int((self.height * self.width).sum())

    def tasks(self) -> list[_Tiles]:
        """Lots of about _TASK_CELLS, so that a thread's turn is neither tiny nor long."""
        starts = run_starts(self.begin // _TASK_CELLS)
        columns = (np.split(column, starts[1:]) for column in (self.a, self.b, self.c, self.d))
        return [_Tiles(a=a, b=b, c=c, d=d) for a, b, c, d in zip(*columns, strict=True) if len(a)]


def _cut(begin: Ints, end: Ints) -> tuple[Ints, Ints, Ints]:
    """Ranges in pieces of at most _TILE_SIDE: (range each piece is of, its begin, its end)."""
    count = -(-(end - begin) // _TILE_SIDE)
    whole = np.repeat(np.arange(len(begin)), count)
    start = begin[whole] + spans(np.zeros(len(begin), np.int64), count) * _TILE_SIDE
    return whole, start, np.minimum(start + _TILE_SIDE, end[whole])


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
