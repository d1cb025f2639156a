"""Pairs that could be one movement when nothing is equal: the wide net the learned scoring chooses from.

The sources of a month, and the references near it in date, are sorted by amount. Tiles of sources meet the references
within `FURTHEST_PART` of their amounts through one matrix of text similarities; what is within `FURTHEST_DAYS` and at
least `FLOOR` alike is a candidate. Each row keeps its best few; how common each level is among all candidates is
counted on a sample chosen by content.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from recon.matching.arrays import NONE, Flags, Floats, Ints, mix, run_starts
from recon.matching.board import Board
from recon.matching.columns import Columns
from recon.matching.comparisons import NOT_COMPARED
from recon.matching.tolerance import Tolerance
from recon.matching.wording import Forms, plain_forms

FURTHEST_PART: Final = Fraction(15, 100)
FURTHEST_DAYS: Final = 31
FLOOR: Final = 30
"""A low floor loses nothing: texts cut to a third of their length still reach it."""

_BEST: Final = 24
_MOST_NEAR: Final = 1_000_000
_SPAN: Final = 31
"""Days of sources that meet the same references: about as many as are looked at on either side of each."""
_TILE: Final = 512
_WIDEST: Final = 16_384
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rows:
    """Free rows of one currency and some days by amount: ranks, and what of them is compared."""

    rank: Ints
    day: Ints
    amount: Ints
    forms: Forms
    is_blank: Flags
    hash: NDArray[np.uint64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caught:
    """Candidates as ranks, with the score that decides which are kept; `is_near`: among the best of a row's tile."""

    source: Ints
    reference: Ints
    similarity: Floats
    nearness: Ints
    is_near: Flags
    is_sample: Flags

    def pick(self, chosen: Flags | Ints) -> _Caught:
        """The chosen pairs alone."""
        return _Caught(
            source=self.source[chosen],
            reference=self.reference[chosen],
            similarity=self.similarity[chosen],
            nearness=self.nearness[chosen],
            is_near=self.is_near[chosen],
            is_sample=self.is_sample[chosen],
        )


def wide_net(board: Board, source: Ints, reference: Ints) -> WideNet:
    """Candidates among these ranks, zero amounts apart."""
    source = source[board.source.amount[source] != 0]
    reference = reference[board.reference.amount[reference] != 0]
    plain = plain_forms(board.source.texts_at(source)), plain_forms(board.reference.texts_at(reference))
    counts = np.zeros(len(board.source), np.int64), np.zeros(len(board.reference), np.int64)
    kept: list[_Caught] = []
    sampled: list[_Caught] = []
    sparse = max(0, (len(source) * len(reference)).bit_length() - _SAMPLE_BITS - 4)
    done = board.decided_count()
    for one, other in _near_in_date(board, source, reference, plain):
        board.report("scored: compare texts", done, board.row_count)
        done += len(one.rank)
        for caught in _tiles(board, one, other, sparse):
            board.report("scored: compare texts", done, board.row_count)
            counts[0][:] += np.bincount(caught.source, minlength=len(counts[0]))
            counts[1][:] += np.bincount(caught.reference, minlength=len(counts[1]))
            kept.append(caught.pick(caught.is_near))
            sampled.append(caught.pick(caught.is_sample))
            if sum(len(part.source) for part in kept) > _HELD:
                kept = [_thinned(_joined(kept))]
    best, sample = _thinned(_joined(kept)), _joined(sampled)
    return WideNet(
        best=compared(board, best.source, best.reference, best.similarity),
        sample=compared(board, sample.source, sample.reference, sample.similarity),
        source_count=counts[0],
        reference_count=counts[1],
    )


def _near_in_date(
    board: Board, source: Ints, reference: Ints, plain: tuple[Forms, Forms]
) -> Iterator[tuple[_Rows, _Rows]]:
    """Sources of each currency and span of days, with the references of that currency within FURTHEST_DAYS of it."""
    spans = board.source.day[source] // _SPAN
    for currency in range(len(board.currencies)):
        mine = board.source.currency[source] == currency
        theirs = board.reference.currency[reference] == currency
        days = board.reference.day[reference]
        for span in np.unique(spans[mine]).tolist():
            first, last = span * _SPAN - FURTHEST_DAYS, (span + 1) * _SPAN + FURTHEST_DAYS
            near = theirs & (days >= first) & (days < last)
            yield (
                _rows(board.source, source, plain[0], mine & (spans == span)),
                _rows(board.reference, reference, plain[1], near),
            )


def _rows(side: Columns, ranks: Ints, forms: Forms, chosen: Flags) -> _Rows:
    at = np.flatnonzero(chosen)
    at = at[np.argsort(side.amount[ranks[at]], kind="stable")]
    rank = ranks[at]
    return _Rows(
        rank=rank,
        day=side.day[rank],
        amount=side.amount[rank],
        forms=forms[at],
        is_blank=np.equal(forms[at], "").astype(np.bool_),
        hash=mix(side.text_hash[rank] ^ mix(side.amount[rank].view(np.uint64) ^ mix(side.day[rank].view(np.uint64)))),
    )


def _tiles(board: Board, one: _Rows, other: _Rows, sparse: int) -> Iterator[_Caught]:
    """The candidates among these rows, tile by tile."""
    if not len(one.rank) or not len(other.rank):
        return
    tolerance = Tolerance(minor=board.rules.amount_tolerance_minor, part=FURTHEST_PART)
    low, high = tolerance.bounds(one.amount)
    begin, end = np.searchsorted(other.amount, low, "left"), np.searchsorted(other.amount, high, "right")
    own = np.searchsorted(other.amount, one.amount, "left")
    begin, end = np.maximum(begin, own - _WIDEST // 2), np.minimum(end, own + _WIDEST // 2)

    def tile(at: int) -> _Caught | None:
        return _tile(one, other, begin, end, slice(at, min(at + _TILE, len(one.rank))), sparse)

    with ThreadPoolExecutor(board.threads) as pool:
        try:
            yield from filter(None, pool.map(tile, range(0, len(one.rank), _TILE)))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _tile(one: _Rows, other: _Rows, begin: Ints, end: Ints, rows: slice, sparse: int) -> _Caught | None:
    """One matrix: these sources against every reference that is near enough in amount to any of them."""
    first, last = int(begin[rows].min()), int(end[rows].max())
    if first >= last:
        return None
    columns = slice(first, last)
    score = process.cdist(one.forms[rows].tolist(), other.forms[columns].tolist(), scorer=fuzz.ratio, dtype=np.float32)
    blank = one.is_blank[rows][:, None] | other.is_blank[columns]
    score[blank] = NOT_COMPARED
    lag = other.day[columns] - one.day[rows][:, None]
    place = np.arange(first, last)
    inside = (place >= begin[rows][:, None]) & (place < end[rows][:, None]) & (np.abs(lag) <= FURTHEST_DAYS)
    row, column = np.nonzero(inside & ((score >= FLOOR) | blank))
    similarity = score[row, column]
    mine, theirs = row + rows.start, column + first
    amounts = one.amount[mine], other.amount[theirs]
    near = _nearness(similarity, amounts, lag[row, column])
    mixed = mix(one.hash[mine] ^ other.hash[theirs])
    matrix = np.full(score.shape, -1, np.int32)
    matrix[row, column] = near
    return _Caught(
        source=one.rank[mine],
        reference=other.rank[theirs],
        similarity=similarity,
        nearness=near,
        is_near=(near >= _bar(matrix)[row]) | (near >= _bar(matrix.T)[column]),
        is_sample=(mixed >> np.uint64(32)) & np.uint64((1 << sparse) - 1) == 0,
    )


def _nearness(similarity: Floats, amounts: tuple[Ints, Ints], lag: Ints) -> Ints:
    """A rough order in which candidates are kept, 0 to _MOST_NEAR: text 60 %, amount 25, date 15, no text as half."""
    one, other = amounts
    apart = np.abs(one - other) / np.maximum(np.abs(one), np.abs(other))
    text = np.where(similarity == NOT_COMPARED, 50, similarity)
    near = 0.6 * text + 20 * np.maximum(1 - apart / float(FURTHEST_PART), 0) + 5 * (one == other)
    near += 15 * (1 - np.abs(lag) / FURTHEST_DAYS)
    result: Ints = np.rint(near * (_MOST_NEAR / 100)).astype(np.int64)
    return result


def _bar(matrix: NDArray[np.int32]) -> Ints:
    """The nearness of each row's last kept candidate."""
    width = matrix.shape[1]
    if width <= _BEST:
        return np.zeros(matrix.shape[0], np.int64)
    bar: Ints = np.partition(matrix, width - _BEST, axis=1)[:, width - _BEST].astype(np.int64)
    return bar


def _joined(parts: list[_Caught]) -> _Caught:
    empty = _Caught(
        source=NONE,
        reference=NONE,
        similarity=np.zeros(0, np.float32),
        nearness=NONE,
        is_near=np.zeros(0, np.bool_),
        is_sample=np.zeros(0, np.bool_),
    )
    parts = [empty, *parts]
    return _Caught(
        source=np.concatenate([part.source for part in parts]),
        reference=np.concatenate([part.reference for part in parts]),
        similarity=np.concatenate([part.similarity for part in parts]),
        nearness=np.concatenate([part.nearness for part in parts]),
        is_near=np.concatenate([part.is_near for part in parts]),
        is_sample=np.concatenate([part.is_sample for part in parts]),
    )


def _thinned(caught: _Caught) -> _Caught:
    """The nearest of every row of either side (and their equals), sorted by (source, reference)."""
    keep = _nearest_of(caught.source, caught.nearness) | _nearest_of(caught.reference, caught.nearness)
    at = np.flatnonzero(keep)
    return caught.pick(at[np.lexsort((caught.reference[at], caught.source[at]))])


def _nearest_of(end: Ints, nearness: Ints) -> Flags:
    """Whether each pair is among the _BEST of its end, or equal to the last of them."""
    packed = (end << np.int64(32)) | (_MOST_NEAR - nearness)
    packed.sort()
    start = run_starts(packed >> np.int64(32))
    last = packed[start + np.minimum(np.diff(start, append=len(packed)), _BEST) - 1]
    bar = np.zeros(int(end.max(initial=-1)) + 1, np.int64)
    bar[last >> np.int64(32)] = _MOST_NEAR - (last & np.int64(0xFFFFFFFF))
    result: Flags = nearness >= bar[end]
    return result


def compared(board: Board, source: Ints, reference: Ints, similarity: Floats) -> WidePairs:
    """Pairs of ranks with this similarity of their plain forms, or that in any order of words where it is greater."""
    in_any_order = process.cpdist(
        board.source.forms.at(source),
        board.reference.forms.at(reference),
        scorer=fuzz.ratio,
        dtype=np.float32,
        workers=board.threads if len(source) > _WORKERS_FROM else 1,
    )
    missing = similarity == NOT_COMPARED
    alike = np.where(missing, np.float32(NOT_COMPARED), np.maximum(similarity, in_any_order))
    return WidePairs(source=source, reference=reference, similarity=alike)
