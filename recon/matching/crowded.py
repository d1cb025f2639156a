"""Candidates where amounts and dates leave a row with thousands: those with words in common, nearest amounts first.

The rows of a week and those of the other side near it in date are met through an index of their words (`postings`), a
bounded number of them for each key a row has, so that the work grows with the rows and not with their square. Either
side looks for the other, which makes the outcome the same when the sides are swapped.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
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

    def keys(self, rows: slice) -> list[Words]:
        """The keys of these of the rows."""
        return text_keys(self.words, self.numbers, self.at[rows])


def crowded_search(board: Board, wording: Wording, source: Ints, reference: Ints) -> Iterator[Met]:
    """What the free rows of either side meet, looking for the other side, zero amounts apart."""
    pair_count = _EACH * (len(source) + len(reference))
    sparse = max(0, pair_count.bit_length() - _SAMPLE_BITS)
    for one, other in near_in_date(board, source, reference, _SPAN):
        ends = _End.of(wording, 0, one), _End.of(wording, 1, other)
        for caught, looking in _looked_for(board, *ends, sparse):
            yield Met(caught=caught, source=looking, reference=NONE)
    for other, one in near_in_date(board, source, reference, _SPAN, is_backward=True):
        ends = _End.of(wording, 1, other), _End.of(wording, 0, one)
        for caught, looking in _looked_for(board, *ends, sparse):
            yield Met(caught=caught.swapped(), source=NONE, reference=looking)


def _looked_for(board: Board, own: _End, other: _End, sparse: int) -> Iterator[tuple[Caught, Ints]]:
    """(the nearest and a sample of what own rows meet, the rank of the looking row once for each it meets)."""
    if not len(own.rows) or not len(other.rows):
        return
    postings = Postings(other.keys(slice(None)))
    window = Window.of(board, own.rows, other.rows)

    def chunk(begin: int) -> tuple[Caught, Ints]:
        rows = slice(begin, min(begin + _CHUNK, len(own.rows)))
        row, place = postings.near(own.keys(rows), window.pick(rows))
        row += begin
        near = np.abs(other.rows.day[place] - own.rows.day[row]) <= FURTHEST_DAYS
        row, place = row[near], place[near]
        return _chosen(own, other, row, place, sparse), own.rows.rank[row]

    with ThreadPoolExecutor(board.threads) as pool:
        try:
            yield from pool.map(chunk, range(0, len(own.rows), _CHUNK))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


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
