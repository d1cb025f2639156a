"""Which contents could be one movement: contiguous ranges of the other side, found by binary search, never row by row.

A *content* is a set of interchangeable rows: same currency, date, amount and text. Contents of one side stand in
canonical order, so for every exact key of the source and every day of the window the references within the amount
bounds are one range. A key that a thousand rows share is looked up once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from recon.matching.arrays import Ints, Words, lookup, run_starts
from recon.matching.columns import Columns
from recon.matching.tolerance import Tolerance

NEAREST: Final = 500
"""Contents of a day looked at on either side of an amount, however wide the tolerance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """Free rows of one side by content. `rows` are ranks; content i is rows[start[i] : start[i] + count[i]]."""

    rows: Ints
    start: Ints
    count: Ints
    currency: Ints
    day: Ints
    amount: Ints
    key: Words
    text_hash: Words

    def __len__(self) -> int:
        return len(self.start)

    def pick(self, at: Ints) -> Contents:
        """The contents at these ascending positions, with their rows."""
        return Contents(
            rows=self.rows,
            start=self.start[at],
            count=self.count[at],
            currency=self.currency[at],
            day=self.day[at],
            amount=self.amount[at],
            key=self.key[at],
            text_hash=self.text_hash[at],
        )


def contents(columns: Columns, rows: Ints) -> Contents:
    """The contents among these rows (ranks, ascending)."""
    start = run_starts(columns.content[rows])
    first = rows[start]
    return Contents(
        rows=rows,
        start=start,
        count=np.diff(start, append=len(rows)),
        currency=columns.currency[first],
        day=columns.day[first],
        amount=columns.amount[first],
        key=columns.key[first],
        text_hash=columns.text_hash[first],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Candidate pairs of one day offset: sources source_start[i] + 0..source_count[i], each against the same range."""

    source_start: Ints
    source_count: Ints
    reference_start: Ints
    reference_count: Ints

    def pair_counts(self) -> Ints:
        """Pairs in each range against range."""
        return self.source_count * self.reference_count


def blocks(source: Contents, reference: Contents, tolerance: Tolerance, offsets: range) -> Iterator[Block]:
    """For each offset (reference day - source day) the ranges: all that the tolerance accepts, and a few more.

    Of a band wider than 2 * NEAREST contents, the NEAREST on either side of the source's own amount.
    """
    if not len(source) or not len(reference):
        return
    grid = _Grid.of(reference)
    start = run_starts(source.key)
    count = np.diff(start, append=len(source))
    amount = source.amount[start]
    band = grid.band(amount, *tolerance.bounds(amount))
    for offset in offsets:
        begin, end = grid.ranges(source.currency[start], source.day[start] + offset, band)
        some = end > begin
        if some.any():
            yield Block(
                source_start=start[some],
                source_count=count[some],
                reference_start=begin[some],
                reference_count=(end - begin)[some],
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Band:
    """Ranks of the references' amounts: those in bounds are low .. high - 1, those equal first .. last - 1."""

    low: Ints
    high: Ints
    first: Ints
    last: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """The references' (currency, day, amount) as one sorted code of ranks."""

    days: Ints
    amounts: Ints
    code: Ints

    @classmethod
    def of(cls, reference: Contents) -> _Grid:
        days, day = np.unique(reference.day, return_inverse=True)
        amounts, amount = np.unique(reference.amount, return_inverse=True)
        return cls(
            days=days,
            amounts=amounts,
            code=(reference.currency * len(days) + day) * (len(amounts) + 1) + amount,
        )

    def band(self, amount: Ints, low: Ints, high: Ints) -> _Band:
        """The ranks of these amounts and bounds."""
        return _Band(
            low=np.searchsorted(self.amounts, low, "left"),
            high=np.searchsorted(self.amounts, high, "right"),
            first=np.searchsorted(self.amounts, amount, "left"),
            last=np.searchsorted(self.amounts, amount, "right"),
        )

    def ranges(self, currency: Ints, day: Ints, band: _Band) -> tuple[Ints, Ints]:
        """Where the contents of this currency and day within the band begin and end."""
        at = lookup(self.days, day)
        base = (currency * len(self.days) + np.maximum(at, 0)) * (len(self.amounts) + 1)
        begin = np.searchsorted(self.code, base + band.low, "left")
        end = np.where(at >= 0, np.searchsorted(self.code, base + band.high, "left"), begin)
        wide = np.flatnonzero(end - begin > 2 * NEAREST)
        if len(wide):
            first = np.searchsorted(self.code, (base + band.first)[wide], "left")
            last = np.searchsorted(self.code, (base + band.last)[wide], "left")
            begin[wide] = np.maximum(begin[wide], first - NEAREST)
            end[wide] = np.minimum(end[wide], last + NEAREST)
        return begin, end
