"""The few array moves the engine is made of: runs of equal values, joined ranges, multisets met by one sort.

Everything here is order-free in the sense the engine needs: results are named by positions of the arrays given, and
equal values are taken in the order given, which is the canonical order of the rows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Words = NDArray[np.uint64]
Floats = NDArray[np.float32]
Flags = NDArray[np.bool_]

NONE: Ints = np.zeros(0, np.int64)

_Result = TypeVar("_Result")


_own = threading.local()


def at_once(threads: int, *jobs: Callable[[], _Result]) -> list[_Result]:
    """What the jobs return, in their order: side by side, as numpy and Arrow let go of the interpreter.

    A job that is one of several already does not split its own work again.
    """
    if threads < 2 or len(jobs) < 2 or getattr(_own, "is_busy", False):
        return [job() for job in jobs]
    with ThreadPoolExecutor(min(threads, len(jobs)), initializer=_mark_busy) as pool:
        return [done.result() for done in [pool.submit(job) for job in jobs]]


def _mark_busy() -> None:
    _own.is_busy = True


def bit_count(distinct: int) -> int:
    """Bits that hold `distinct` different values."""
    return max(1, (distinct - 1).bit_length())


def run_starts(*columns: NDArray[Any]) -> Ints:
    """Positions where a run of rows equal in every column begins; columns must be sorted together."""
    length = len(columns[0])
    if not length:
        return NONE
    edge = np.zeros(length, np.bool_)
    edge[0] = True
    for column in columns:
        edge[1:] |= column[1:] != column[:-1]
    return np.flatnonzero(edge)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """How columns of whole numbers lie side by side in one word, each counted from its lowest value up.

    Words sort as the columns do, the first leading. `bits` may come to more than a word has: then nothing fits.
    """

    lowest: tuple[int, ...]
    widths: tuple[int, ...]

    @classmethod
    def of(cls, *tables: Sequence[NDArray[Any]]) -> Layout:
        """The narrowest layout for the same columns of several tables."""
        columns = [[column for column in alike if len(column)] for alike in zip(*tables, strict=True)]
        lowest = [min((int(column.min()) for column in alike), default=0) for alike in columns]
        highest = [max((int(column.max()) for column in alike), default=0) for alike in columns]
        widths = [bit_count(high - low + 1) for low, high in zip(lowest, highest, strict=True)]
        return cls(lowest=tuple(lowest), widths=tuple(widths))

    @property
    def bits(self) -> int:
        """Bits taken by all columns."""
        return sum(self.widths)

    def pack(self, columns: Sequence[NDArray[Any]]) -> Words:
        """One word for each row."""
        word = np.zeros(len(columns[0]), np.uint64)
        for column, low, width in zip(columns, self.lowest, self.widths, strict=True):
            word <<= np.uint64(width % 64)
            # two's complement: the difference is right even where it does not fit a signed word
            word |= column.astype(np.int64, copy=False).view(np.uint64) - np.uint64(low % 2**64)
        return word


def order_of(*columns: NDArray[Any]) -> Ints:
    """The stable order of rows by columns of whole numbers, the first leading.

    Where the columns and a row's place fit one word, sorting these words is many times faster than any argsort.
    """
    place_bits = bit_count(len(columns[0]))
    layout = Layout.of(columns)
    if layout.bits + place_bits > 64:
        return _order_by_turns(columns)
    word = layout.pack(columns)
    word <<= np.uint64(place_bits)
    word |= np.arange(len(word), dtype=np.uint64)
    word.sort()
    word &= np.uint64((1 << place_bits) - 1)
    return word.view(np.int64)


def _order_by_turns(columns: Sequence[NDArray[Any]]) -> Ints:
    """The same by one column after the other, the leading one last."""
    if len(columns) == 1:
        return np.argsort(columns[0], kind="stable")
    order = order_of(columns[-1])
    for column in columns[-2::-1]:
        order = order[order_of(column[order])]
    return order


def spans(start: Ints, count: Ints) -> Ints:
    """The ranges start[i] .. start[i] + count[i], one after another."""
    total = int(count.sum())
    if not total:
        return NONE
    return np.repeat(start - (np.cumsum(count) - count), count) + np.arange(total)


def mix(words: Words) -> Words:
    """Each word stirred so that near values are far apart (the finaliser of MurmurHash3)."""
    words = words ^ (words >> np.uint64(33))
    words *= np.uint64(0xFF51AFD7ED558CCD)
    words ^= words >> np.uint64(29)
    words *= np.uint64(0xC4CEB9FE1A85EC53)
    return words ^ (words >> np.uint64(32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Groups of equal words with rows on both sides. `source`/`reference` hold positions, group after group."""

    source: Ints
    reference: Ints
    source_start: Ints
    source_count: Ints
    reference_start: Ints
    reference_count: Ints

    def __len__(self) -> int:
        return len(self.source_start)

    def single(self) -> tuple[Ints, Ints]:
        """The pairs of groups that have one row on each side."""
        one = (self.source_count == 1) & (self.reference_count == 1)
        return self.source[self.source_start[one]], self.reference[self.reference_start[one]]

    def paired(self) -> tuple[Ints, Ints]:
        """First with first, second with second, as far as the smaller side of each group goes."""
        count = np.minimum(self.source_count, self.reference_count)
        return self.source[spans(self.source_start, count)], self.reference[spans(self.reference_start, count)]

    def pick(self, chosen: Flags) -> Meeting:
        """The chosen groups alone."""
        return Meeting(
            source=self.source,
            reference=self.reference,
            source_start=self.source_start[chosen],
            source_count=self.source_count[chosen],
            reference_start=self.reference_start[chosen],
            reference_count=self.reference_count[chosen],
        )

    def renamed(self, source: Ints, reference: Ints) -> Meeting:
        """The same groups, when the words that met were those at these positions of something larger."""
        return Meeting(
            source=source[self.source],
            reference=reference[self.reference],
            source_start=self.source_start,
            source_count=self.source_count,
            reference_start=self.reference_start,
            reference_count=self.reference_count,
        )

    def product(self) -> tuple[Ints, Ints]:
        """Every pair of every group. The caller bounds the groups first."""
        width = np.repeat(self.reference_count, self.source_count)
        source = np.repeat(self.source[spans(self.source_start, self.source_count)], width)
        return source, self.reference[spans(np.repeat(self.reference_start, self.source_count), width)]

    def rows(self) -> tuple[Ints, Ints, Ints, Ints]:
        """(source, its group, reference, its group) of every row that meets someone; groups count from 0."""
        group = np.arange(len(self))
        return (
            self.source[spans(self.source_start, self.source_count)],
            np.repeat(group, self.source_count),
            self.reference[spans(self.reference_start, self.reference_count)],
            np.repeat(group, self.reference_count),
        )


def meet(source: NDArray[Any], reference: NDArray[Any]) -> Meeting:
    """Where equal words stand on both sides: one stable sort of both together, rows of a group in the order given."""
    border = len(source)
    both = np.concatenate([source, reference])
    order = np.argsort(both, kind="stable")
    both = both[order]
    start = run_starts(both)
    count = np.diff(start, append=len(both))
    is_source = order < border
    source_count = np.add.reduceat(is_source, start, dtype=np.int64) if len(start) else NONE
    meets = (source_count > 0) & (source_count < count)
    start, count, source_count = start[meets], count[meets], source_count[meets]
    reference_count = count - source_count
    # the sort is stable and the source came first, so each group is its sources followed by its references
    return Meeting(
        source=order[spans(start, source_count)],
        reference=order[spans(start + source_count, reference_count)] - border,
        source_start=np.cumsum(source_count) - source_count,
        source_count=source_count,
        reference_start=np.cumsum(reference_count) - reference_count,
        reference_count=reference_count,
    )


_SIEVE_BITS: Final = 24
_WORTH_SIFTING: Final = 1 << 14


def sift(source: Words, reference: Words) -> tuple[Ints, Ints]:
    """Positions of the words that may occur on the other side: all that do, and a few that do not.

    Words must be well mixed. Most rows of most exports share no id, and this is many times cheaper than a sort.
    """
    if len(source) + len(reference) < _WORTH_SIFTING:
        return np.arange(len(source)), np.arange(len(reference))
    shift = np.uint64(64 - _SIEVE_BITS)
    seen = np.zeros(1 << _SIEVE_BITS, np.bool_)
    seen[reference >> shift] = True
    kept = np.flatnonzero(seen[source >> shift])
    seen[:] = False
    seen[source[kept] >> shift] = True
    return kept, np.flatnonzero(seen[reference >> shift])


def unique_pairs(source: Ints, reference: Ints, better: Ints) -> Ints:
    """Positions of one entry for each distinct (source, reference), of the highest `better`; sorted by pair."""
    order = order_of(source, reference, -better)
    return order[run_starts(source[order], reference[order])]


def lookup(sorted_values: NDArray[Any], wanted: NDArray[Any]) -> Ints:
    """Position of each wanted value in a sorted array of distinct values, or -1."""
    if not len(sorted_values):
        return np.full(len(wanted), -1)
    at = np.minimum(np.searchsorted(sorted_values, wanted), len(sorted_values) - 1)
    return np.where(sorted_values[at] == wanted, at, -1)
