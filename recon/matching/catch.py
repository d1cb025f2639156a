"""What a net catches: candidates among free rows, how near they are, and which of them are kept for a row.

Shared by the two ways to search (`wide`, `crowded`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from recon.matching.arrays import NONE, Flags, Floats, Ints, mix, run_starts
from recon.matching.board import Board
from recon.matching.columns import Columns
from recon.matching.comparisons import NOT_COMPARED
from recon.matching.crew import Job
from recon.matching.tolerance import Tolerance

FURTHEST_PART: Final = Fraction(15, 100)
FURTHEST_DAYS: Final = 31
MOST_NEAR: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Free rows of one side, one currency and some days by amount: ranks, and what of them is compared."""

    rank: Ints
    day: Ints
    amount: Ints
    hash: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.rank)

    def pick(self, rows: slice) -> Rows:
        """Some neighbours among them."""
        return Rows(rank=self.rank[rows], day=self.day[rows], amount=self.amount[rows], hash=self.hash[rows])

    @classmethod
    def of(cls, side: Columns, ranks: Ints, chosen: Flags) -> Rows:
        """The chosen ones of these ranks."""
        at = np.flatnonzero(chosen)
        at = at[np.argsort(side.amount[ranks[at]], kind="stable")]
        rank = ranks[at]
        day, amount = side.day[rank], side.amount[rank]
        mixed = mix(side.text_hash[rank] ^ mix(amount.view(np.uint64) ^ mix(day.view(np.uint64))))
        return cls(rank=rank, day=day, amount=amount, hash=mixed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Of each row the places of the other side, by amount, that are near enough: begin..end - 1, and its own place."""

    begin: Ints
    own: Ints
    end: Ints

    @classmethod
    def of(cls, board: Board, one: Rows, other: Rows) -> Window:
        """Rows of an amount that many share stand among the others of that amount in step."""
        tolerance = Tolerance(minor=board.rules.amount_tolerance_minor, part=FURTHEST_PART)
        low, high = tolerance.bounds(one.amount)
        first, last = np.searchsorted(other.amount, one.amount), np.searchsorted(other.amount, one.amount, "right")
        start = run_starts(one.amount)
        equal = np.diff(start, append=len(one))
        place = np.arange(len(one)) - np.repeat(start, equal)
        return cls(
            begin=np.searchsorted(other.amount, low, "left"),
            own=first + place * (last - first) // np.repeat(equal, equal),
            end=np.searchsorted(other.amount, high, "right"),
        )

    def narrowed(self, reach: int) -> Window:
        """At most `reach` places on either side."""
        return Window(
            begin=np.maximum(self.begin, self.own - reach), own=self.own, end=np.minimum(self.end, self.own + reach)
        )

    def moved(self, begin: int) -> Window:
        """Where the other side's places are counted from `begin` on."""
        return Window(begin=self.begin - begin, own=self.own - begin, end=self.end - begin)

    def pick(self, rows: slice) -> Window:
        """That of these rows alone."""
        return Window(begin=self.begin[rows], own=self.own[rows], end=self.end[rows])


@dataclass(frozen=True, slots=True, kw_only=True)
class Caught:
    """Candidates as ranks, with the score that decides which are kept; `is_near`: among the best of a row's tile."""

    source: Ints
    reference: Ints
    similarity: Floats
    nearness: Ints
    is_near: Flags
    is_sample: Flags

    def __len__(self) -> int:
        return len(self.source)

    def swapped(self) -> Caught:
        """The same with the sides the other way round."""
        return replace(self, source=self.reference, reference=self.source)

    def pick(self, chosen: Flags | Ints) -> Caught:
        """The chosen pairs alone."""
        return Caught(
            source=self.source[chosen],
            reference=self.reference[chosen],
            similarity=self.similarity[chosen],
            nearness=self.nearness[chosen],
            is_near=self.is_near[chosen],
            is_sample=self.is_sample[chosen],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A part of the catch: what is near or sampled, and how many candidates each of these ranks had in all."""

    caught: Caught
    source: Ints
    source_count: Ints
    reference: Ints
    reference_count: Ints

    @classmethod
    def of(cls, caught: Caught, source: tuple[Ints, Ints], reference: tuple[Ints, Ints]) -> Met:
        """Of either side its ranks, and how many candidates each had."""
        return cls(
            caught=caught.pick(caught.is_near | caught.is_sample),
            source=source[0],
            source_count=source[1],
            reference=reference[0],
            reference_count=reference[1],
        )


class Search(Protocol):
    """A search among the rows of some days."""

    def each(self, threads: int) -> Iterator[Met]:
        """What it meets, part by part."""

    def parts(self, size: int) -> Iterable[Job[list[Met]]]:
        """The same in jobs of about so many rows, in the same order."""


def met_by(board: Board, searches: Iterable[Search]) -> Iterator[Met]:
    """What these searches meet: here one after the other, or by the crew in parts."""
    if board.crew is None:
        for search in searches:
            yield from search.each(board.threads)
        return
    size = board.crew.row_count
    for found in board.each("scored: compare texts", (part for search in searches for part in search.parts(size))):
        yield from found


def near_in_date(
    board: Board, source: Ints, reference: Ints, span: int, *, is_backward: bool = False
) -> Iterator[tuple[Rows, Rows]]:
    """Rows of each currency and span of days, with those of the other side within FURTHEST_DAYS of them.

    The source comes first, and its days are cut into spans; `is_backward`: the reference.
    """
    ends = [(board.source, source), (board.reference, reference)]
    (own, ranks), (other, others) = reversed(ends) if is_backward else ends
    spans, days = own.day[ranks] // span, other.day[others]
    for currency in range(len(board.currencies)):
        mine, theirs = own.currency[ranks] == currency, other.currency[others] == currency
        for begin in np.unique(spans[mine]).tolist():
            near = theirs & (days >= begin * span - FURTHEST_DAYS) & (days < (begin + 1) * span + FURTHEST_DAYS)
            yield Rows.of(own, ranks, mine & (spans == begin)), Rows.of(other, others, near)


def sampled(hashes: NDArray[np.uint64], sparse: int) -> Flags:
    """One of 2 ** sparse pairs, chosen by what is in them: `hashes` of both rows, one xor the other."""
    result: Flags = (mix(hashes) >> np.uint64(32)) & np.uint64((1 << sparse) - 1) == 0
    return result


def nearness(text: Floats, amounts: tuple[Ints, Ints], lag: Ints) -> Ints:
    """A rough order in which candidates are kept, 0 to MOST_NEAR: text (0..100) 60 %, amount 25, date 15."""
    one, other = amounts
    apart = np.abs(one - other) / np.maximum(np.abs(one), np.abs(other))
    text = np.where(text == NOT_COMPARED, 50, text)
    near = 0.6 * text + 20 * np.maximum(1 - apart / float(FURTHEST_PART), 0) + 5 * (one == other)
    near += 15 * (1 - np.abs(lag) / FURTHEST_DAYS)
    result: Ints = np.rint(near * (MOST_NEAR / 100)).astype(np.int64)
    return result


def joined(parts: list[Caught]) -> Caught:
    empty = Caught(
        source=NONE,
        reference=NONE,
        similarity=np.zeros(0, np.float32),
        nearness=NONE,
        is_near=np.zeros(0, np.bool_),
        is_sample=np.zeros(0, np.bool_),
    )
    parts = [empty, *parts]
    return Caught(
        source=np.concatenate([part.source for part in parts]),
        reference=np.concatenate([part.reference for part in parts]),
        similarity=np.concatenate([part.similarity for part in parts]),
        nearness=np.concatenate([part.nearness for part in parts]),
        is_near=np.concatenate([part.is_near for part in parts]),
        is_sample=np.concatenate([part.is_sample for part in parts]),
    )


def thinned(caught: Caught, best: int) -> Caught:
    """The `best` nearest of every row of either side and their equals, each pair once, by (source, reference)."""
    keep = nearest_of(caught.source, caught.nearness, best) | nearest_of(caught.reference, caught.nearness, best)
    at = np.flatnonzero(keep)
    at = at[np.lexsort((caught.reference[at], caught.source[at]))]
    return caught.pick(at[run_starts(caught.source[at], caught.reference[at])])


def nearest_of(end: Ints, nearness: Ints, best: int) -> Flags:
    """Whether each pair is among the `best` nearest of its end, or equal to the last of them."""
    packed = (end << np.int64(32)) | (MOST_NEAR - nearness)
    packed.sort()
    start = run_starts(packed >> np.int64(32))
    last = packed[start + np.minimum(np.diff(start, append=len(packed)), best) - 1]
    bar = np.zeros(int(end.max(initial=-1)) + 1, np.int64)
    bar[last >> np.int64(32)] = MOST_NEAR - (last & np.int64(0xFFFFFFFF))
    result: Flags = nearness >= bar[end]
    return result
