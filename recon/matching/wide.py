"""Pairs that could be one movement when nothing is equal: the wide net the learned scoring chooses from.

The sources of a month, and the references near it in date, are sorted by amount. Tiles of sources meet the references
within `FURTHEST_PART` of their amounts through one matrix of text similarities; what is within `FURTHEST_DAYS` and at
least `FLOOR` alike is a candidate. Where that leaves a row with too many, `crowded` searches instead. Each row keeps
its best few; how common each level is among all candidates is counted on a sample chosen by content.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from recon.matching.arrays import Flags, Floats, Ints
from recon.matching.board import Board
from recon.matching.catch import (
    FURTHEST_DAYS,
    Caught,
    Met,
    Rows,
    Window,
    joined,
    met_by,
    near_in_date,
    nearness,
    sampled,
    thinned,
)
from recon.matching.columns import Columns
from recon.matching.comparisons import NOT_COMPARED, blank
from recon.matching.crew import Excerpt, TextColumns
from recon.matching.crowded import BEST as CROWDED_BEST
from recon.matching.crowded import crowded_search
from recon.matching.wording import Forms, Wording

FLOOR: Final = 30
"""A low floor loses nothing: texts cut to a third of their length still reach it."""

_BEST: Final = 24
"""Candidates kept for a row, where all are compared."""
_SPAN: Final = 31
"""Days of sources that meet the same references: about as many as are looked at on either side of each."""
_TILE: Final = 512
_PART: Final = 8 * _TILE
"""Rows of a job at most: seconds of comparing."""
_PAIRS: Final = 8
"""Pairs compared in any order of words for each row of another job."""
_WIDEST: Final = 16_384
_CROWDED: Final = 500
"""References to compare with each source, in the mean, from which an index of words is cheaper."""
_HELD: Final = 6_000_000
_SAMPLE_BITS: Final = 22
_WORKERS_FROM: Final = 25_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WidePairs:
    """Pairs of ranks. `similarity`: of their texts, 0..100, NOT_COMPARED if one is missing."""

    source: Ints
    reference: Ints
    similarity: Floats

    def __len__(self) -> int:
        return len(self.source)

    def pick(self, chosen: Flags) -> WidePairs:
        """The chosen pairs alone."""
        return WidePairs(
            source=self.source[chosen], reference=self.reference[chosen], similarity=self.similarity[chosen]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class WideNet:
    """The best candidates of every row, a sample of all, and how many candidates each rank had (by rank)."""

    best: WidePairs
    sample: WidePairs
    source_count: Ints
    reference_count: Ints


def wide_net(board: Board, wording: Wording) -> WideNet:
    """Candidates among the free rows, zero amounts apart."""
    source, reference = board.free_source(), board.free_reference()
    source = source[board.source.amount[source] != 0]
    reference = reference[board.reference.amount[reference] != 0]
    crowded = _mean_width(board, source, reference) > _CROWDED
    search, best_count = (crowded_search, CROWDED_BEST) if crowded else (_full_search, _BEST)
    counts = np.zeros(len(board.source), np.int64), np.zeros(len(board.reference), np.int64)
    kept: list[Caught] = []
    samples: list[Caught] = []
    decided, enough = board.decided_count(), _HELD
    for met in met_by(board, search(board, wording, source, reference)):
        looked = np.count_nonzero(counts[0][source]) + np.count_nonzero(counts[1][reference])
        board.report("scored: compare texts", decided + int(looked), board.row_count)
        counts[0][met.source] += met.source_count
        counts[1][met.reference] += met.reference_count
        kept.append(met.caught.pick(met.caught.is_near))
        samples.append(met.caught.pick(met.caught.is_sample))
        if sum(map(len, kept)) > enough:
            kept = [thinned(joined(kept), best_count)]
            enough = max(_HELD, 2 * len(kept[0]))  # what cannot be thinned further is not sorted again for each part
    best, sample = thinned(joined(kept), best_count), joined(samples)
    return WideNet(
        best=compared(board, best.source, best.reference, best.similarity),
        sample=compared(board, sample.source, sample.reference, sample.similarity),
        source_count=_alike(board.source, counts[0]),
        reference_count=_alike(board.reference, counts[1]),
    )


def _alike(side: Columns, count: Ints) -> Ints:
    """Rows of one content count as many candidates each: in a crowd, those at its ends meet fewer."""
    most = np.zeros(int(side.content.max(initial=-1)) + 1, np.int64)
    np.maximum.at(most, side.content, count)
    return most[side.content]


def _mean_width(board: Board, source: Ints, reference: Ints) -> float:
    """References that amount and date leave to compare with each source, in the mean."""
    cells = 0
    for one, other in near_in_date(board, source, reference, _SPAN):
        window = Window.of(board, one, other)
        cells += int((window.end - window.begin).sum())
    return cells / max(len(source), len(reference), 1)


def _full_search(board: Board, wording: Wording, source: Ints, reference: Ints) -> Iterator[_Tiles]:
    """Everybody with everybody near enough, tile by tile."""
    sparse = max(0, (len(source) * len(reference)).bit_length() - _SAMPLE_BITS - 4)
    for one, other in near_in_date(board, source, reference, _SPAN):
        if not len(one) or not len(other):
            continue
        texts = (
            wording.forms[0][np.searchsorted(wording.ranks[0], one.rank)],
            wording.forms[1][np.searchsorted(wording.ranks[1], other.rank)],
        )
        window = Window.of(board, one, other).narrowed(_WIDEST // 2)
        yield _Tiles(one=one, other=other, texts=texts, window=window, sparse=sparse)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Tiles:
    """Sources and references near in date, by amount, and their plain texts. One of 2 ** `sparse` pairs is sampled."""

    one: Rows
    other: Rows
    texts: tuple[Forms, Forms]
    window: Window
    sparse: int

    def each(self, threads: int) -> Iterator[Met]:
        """What every tile meets."""
        with ThreadPoolExecutor(threads) as pool:
            try:
                for met in pool.map(self.tile, range(0, len(self.one), _TILE)):
                    if met is not None:
                        yield met
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def parts(self, size: int) -> Iterator[_Tiles]:
        """Some tiles each, and the references they can meet."""
        step = max(min(size, _PART) // _TILE, 1) * _TILE
        for begin in range(0, len(self.one), step):
            rows = slice(begin, begin + step)
            window = self.window.pick(rows)
            first, last = int(window.begin.min()), int(window.end.max())
            if first < last:
                columns = slice(first, last)
                yield _Tiles(
                    one=self.one.pick(rows),
                    other=self.other.pick(columns),
                    texts=(self.texts[0][rows], self.texts[1][columns]),
                    window=window.moved(first),
                    sparse=self.sparse,
                )

    def do(self, threads: int = 1) -> list[Met]:
        """As a job."""
        return list(self.each(threads))

    def apart(self) -> _Tiles:
        """A part holds its own rows alone."""
        return self

    def tile(self, begin: int) -> Met | None:
        """One matrix: some sources against every reference that is near enough in amount to any of them."""
        rows = slice(begin, min(begin + _TILE, len(self.one)))
        window = self.window.pick(rows)
        first, last = int(window.begin.min()), int(window.end.max())
        if first >= last:
            return None
        columns = slice(first, last)
        own, others = self.texts[0][rows], self.texts[1][columns]
        score = process.cdist(own.tolist(), others.tolist(), scorer=fuzz.ratio, dtype=np.float32)
        missing = blank(own)[:, None] | blank(others)
        score[missing] = NOT_COMPARED
        lag = self.other.day[columns] - self.one.day[rows][:, None]
        place = np.arange(first, last)
        inside = (place >= window.begin[:, None]) & (place < window.end[:, None]) & (np.abs(lag) <= FURTHEST_DAYS)
        row, column = np.nonzero(inside & ((score >= FLOOR) | missing))
        mine, theirs = row + begin, column + first
        near = nearness(score[row, column], (self.one.amount[mine], self.other.amount[theirs]), lag[row, column])
        matrix = np.full(score.shape, -1, np.int32)
        matrix[row, column] = near
        caught = Caught(
            source=self.one.rank[mine],
            reference=self.other.rank[theirs],
            similarity=score[row, column],
            nearness=near,
            is_near=(near >= _bar(matrix)[row]) | (near >= _bar(matrix.T)[column]),
            is_sample=sampled(self.one.hash[mine] ^ self.other.hash[theirs], self.sparse),
        )
        height, width = score.shape
        return Met.of(
            caught,
            (self.one.rank[rows], np.bincount(row, minlength=height)),
            (self.other.rank[columns], np.bincount(column, minlength=width)),
        )


def _bar(matrix: NDArray[np.int32]) -> Ints:
    """The nearness of each row's last kept candidate."""
    width = matrix.shape[1]
    if width <= _BEST:
        return np.zeros(matrix.shape[0], np.int64)
    bar: Ints = np.partition(matrix, width - _BEST, axis=1)[:, width - _BEST].astype(np.int64)
    return bar


def compared(board: Board, source: Ints, reference: Ints, similarity: Floats) -> WidePairs:
    """Pairs of ranks with this similarity of their plain forms, or that in any order of words where it is greater."""
    size = _PAIRS * board.crew.row_count if board.crew else max(len(source), 1)
    jobs = [
        _InAnyOrder(
            source=board.source,
            reference=board.reference,
            pairs=(source[begin : begin + size], reference[begin : begin + size]),
        )
        for begin in range(0, len(source), size)
    ]
    found = board.done("scored: compare texts", jobs)
    in_any_order = np.concatenate([np.zeros(0, np.float32), *found])
    missing = similarity == NOT_COMPARED
    alike = np.where(missing, np.float32(NOT_COMPARED), np.maximum(similarity, in_any_order))
    return WidePairs(source=source, reference=reference, similarity=alike)


@dataclass(frozen=True, slots=True, kw_only=True)
class _InAnyOrder:
    """The job of comparing the normal forms of these pairs of ranks."""

    source: TextColumns
    reference: TextColumns
    pairs: tuple[Ints, Ints]

    def do(self, threads: int = 1) -> Floats:
        """The similarity of each pair, 0..100."""
        score: Floats = process.cpdist(
            self.source.forms.at(self.pairs[0]),
            self.reference.forms.at(self.pairs[1]),
            scorer=fuzz.ratio,
            dtype=np.float32,
            workers=threads if len(self.pairs[0]) > _WORKERS_FROM else 1,
        )
        return score

    def apart(self) -> _InAnyOrder:
        """With each row once."""
        (sources, one), (references, other) = (np.unique(end, return_inverse=True) for end in self.pairs)
        source, reference = Excerpt.of(self.source, sources), Excerpt.of(self.reference, references)
        return _InAnyOrder(source=source, reference=reference, pairs=(one, other))
