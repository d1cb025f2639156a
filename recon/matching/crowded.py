"""Candidates where amounts and dates leave a row with thousands: those with words in common, nearest amounts first.

The rows of a week and those of the other side near it in date are met through an index of their words (`postings`), a
bounded number of them for each key a row has, so that the work grows with the rows and not with their square. Either
side looks for the other, which makes the outcome the same when the sides are swapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np

from recon.matching.arrays import NONE, Floats, Ints, Words
from recon.matching.board import Board
from recon.matching.catch import (
    FURTHEST_DAYS,
    Caught,
    Met,
    Rows,
    Window,
    near_in_date,
    nearest_of,
    nearness,
    sampled,
)
from recon.matching.comparisons import NOT_COMPARED, similarities
from recon.matching.postings import Postings, text_keys
from recon.matching.wording import Forms, Wording, WordTable, in_common

BEST: Final = 12
"""Candidates kept for a row."""
_SPAN: Final = 7
_CHUNK: Final = 8_192
_SAMPLE_BITS: Final = 22
_EACH: Final = 256
"""About as many others as a row meets."""
_NAT: Final = 8
"""Points of text for each nat that words in common tell, of 100."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _End:
    """Rows of one side with what their texts are made of; `at`: their places in `words`, `numbers` and `forms`."""

    rows: Rows
    at: Ints
    words: WordTable
    numbers: WordTable
    forms: Forms

    @classmethod
    def of(cls, wording: Wording, which: int, rows: Rows) -> _End:
        """`which`: 0 for the source, 1 for the reference."""
        return cls(
            rows=rows,
            at=np.searchsorted(wording.ranks[which], rows.rank),
            words=wording.words[which],
            numbers=wording.numbers[which],
            forms=wording.forms[which],
        )

    def apart(self) -> _End:
        """With nothing of other rows."""
        words, numbers = self.words.pick(self.at), self.numbers.pick(self.at)
        at = np.arange(len(self.at))
        return replace(self, at=at, words=words, numbers=numbers, forms=self.forms[self.at])

    def keys(self, rows: slice) -> list[Words]:
        """The keys of these of the rows."""
        return text_keys(self.words, self.numbers, self.at[rows])


def crowded_search(board: Board, wording: Wording, source: Ints, reference: Ints) -> Iterator[_Look]:
    """The free rows of either side, looking for the other side, zero amounts apart."""
    pair_count = _EACH * (len(source) + len(reference))
    sparse = max(0, pair_count.bit_length() - _SAMPLE_BITS)
    for which, is_backward in enumerate((False, True)):
        for rows, others in near_in_date(board, source, reference, _SPAN, is_backward=is_backward):
            if len(rows) and len(others):
                own, other = _End.of(wording, which, rows), _End.of(wording, 1 - which, others)
                window = Window.of(board, rows, others)
                yield _Look(own=own, other=other, window=window, sparse=sparse, is_backward=is_backward)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """Rows of one side looking for those of the other; `is_backward`: references for sources."""

    own: _End
    other: _End
    window: Window
    sparse: int
    is_backward: bool

    def each(self, threads: int) -> Iterator[Met]:
        """The nearest and a sample of what own rows meet."""
        postings = Postings(self.other.keys(slice(None)))
        with ThreadPoolExecutor(threads) as pool:
            try:
                yield from pool.map(partial(self._chunk, postings), range(0, len(self.own.rows), _CHUNK))
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def parts(self, size: int) -> Iterator[_Look]:
        """As one: each part would make the index anew."""
        yield self

    def do(self, threads: int = 1) -> list[Met]:
        """As a job."""
        return list(self.each(threads))

    def apart(self) -> _Look:
        """With the words of its own rows."""
        return replace(self, own=self.own.apart(), other=self.other.apart())

    def _chunk(self, postings: Postings, begin: int) -> Met:
        own, other = self.own, self.other
        rows = slice(begin, min(begin + _CHUNK, len(own.rows)))
        row, place = postings.near(own.keys(rows), self.window.pick(rows))
        row += begin
        near = np.abs(other.rows.day[place] - own.rows.day[row]) <= FURTHEST_DAYS
        row, place = row[near], place[near]
        caught = _chosen(own, other, row, place, self.sparse)
        ranks = own.rows.rank[rows]
        looking, looked_for = (ranks, np.bincount(row - begin, minlength=len(ranks))), (NONE, NONE)
        return (
            Met.of(caught.swapped(), looked_for, looking) if self.is_backward else Met.of(caught, looking, looked_for)
        )


def _chosen(own: _End, other: _End, row: Ints, place: Ints, sparse: int) -> Caught:
    """Of these pairs the nearest of each own row, and a sample of all."""
    one, two = own.at[row], other.at[place]
    amounts = own.rows.amount[row], other.rows.amount[place]
    near = nearness(_text(own, other, one, two), amounts, other.rows.day[place] - own.rows.day[row])
    is_near = nearest_of(row, near, BEST)
    is_sample = sampled(own.rows.hash[row] ^ other.rows.hash[place], sparse)
    at = np.flatnonzero(is_near | is_sample)
    return Caught(
        source=own.rows.rank[row[at]],
        reference=other.rows.rank[place[at]],
        similarity=similarities(own.forms[one[at]], other.forms[two[at]], 1),
        nearness=near[at],
        is_near=is_near[at],
        is_sample=is_sample[at],
    )


def _text(own: _End, other: _End, one: Ints, two: Ints) -> Floats:
    """What the texts have in common as points, 0 to 100, NOT_COMPARED where one says nothing."""
    words = in_common(own.words, other.words, one, two, 1)
    numbers = in_common(own.numbers, other.numbers, one, two, 1)
    points = np.clip(_NAT * (words.told + numbers.told) - 10 * words.missed, 0, 100).astype(np.float32)
    return np.where(words.is_silent & numbers.is_silent, np.float32(NOT_COMPARED), points)
