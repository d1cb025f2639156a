"""Which few rows of a window add up to a row of the other side: a bounded search that says when it gave up.

For each row, the candidates are the free rows of the other side in its currency and window. They are tried largest
first, a branch is left as soon as the rest cannot reach the amount any more, and the search ends at the second subset
that fits, or after so many steps. The limits are counts of steps, never time, so the result is always the same. Rows
equal in currency, date, amount and text are interchangeable: subsets that differ only in them are one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from recon.matching.arrays import Ints
from recon.matching.columns import Columns
from recon.model.rules import MAX_WINDOW_DAYS, Rules

STEPS_A_ROW: Final = 20_000
STEPS: Final = 1_000_000
"""Steps of all rows of one side together."""

MOST_CANDIDATES: Final = 60
"""Rows of a window that are tried; a fuller one has a sum for nearly every amount."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """Rows (ranks, ascending) that add up to one row; `chance`: how many such sums to expect if amounts were random.

    1 where there is a second one.
    """

    rows: Ints
    one: int
    chance: float


def subset_fits(
    many: Columns, one: Columns, rows: Ints, targets: Ints, window: tuple[int, int], rules: Rules
) -> tuple[list[Fit], Ints]:
    """(fits of each target, targets that were given up), for free ranks of both sides in ascending order."""
    found: list[Fit] = []
    given_up: list[int] = []
    left = STEPS
    targets = targets[one.amount[targets] != 0]
    windows = _Windows(many, rows[many.amount[rows] != 0])
    low, high = windows.of(one.currency[targets], one.day[targets] - window[1], one.day[targets] - window[0])
    for target, begin, end in zip(targets.tolist(), low.tolist(), high.tolist(), strict=True):
        if end - begin < 2:
            continue
        if end - begin > MOST_CANDIDATES or left <= 0:
            given_up.append(target)
            continue
        near = windows.rows[begin:end]
        search = _Search(many, near, int(one.amount[target]), rules.subset_rows, min(left, STEPS_A_ROW))
        fits = search.fits()
        left -= search.steps
        is_only = len(fits) == 1 and search.steps < search.limit  # else there may be others
        found += [Fit(rows=fit, one=target, chance=search.chance() if is_only else 1.0) for fit in fits]
        if not fits and search.steps >= search.limit:
            given_up.append(target)
    return found, np.array(given_up, np.int64)


class _Windows:
    """Rows by currency and day, where the rows of some days are one stretch."""

    def __init__(self, side: Columns, rows: Ints) -> None:
        self._first = int(side.day.min(initial=0)) - MAX_WINDOW_DAYS
        self._span = int(side.day.max(initial=0)) - self._first + MAX_WINDOW_DAYS
        place = self._place(side.currency[rows], side.day[rows])
        order = np.lexsort((rows, place))
        self.rows, self._places = rows[order], place[order]

    def _place(self, currency: Ints, day: Ints) -> Ints:
        """Days of a currency as one number; days far from all rows are as good as the nearest of those."""
        result: Ints = currency * (self._span + 1) + np.clip(day - self._first, 0, self._span)
        return result

    def of(self, currency: Ints, first: Ints, last: Ints) -> tuple[Ints, Ints]:
        """Where in `rows` those of a currency from a first to a last day begin and end."""
        low, high = self._place(currency, first), self._place(currency, last)
        return np.searchsorted(self._places, low), np.searchsorted(self._places, high, side="right")


class _Search:
    """Subsets of two rows or more, and at most so many, that add up to an amount."""

    def __init__(self, many: Columns, near: Ints, amount: int, most: int, limit: int) -> None:
        order = np.lexsort((near, many.content[near], -np.abs(many.amount[near])))
        self._ranks = near[order]
        self._amounts = many.amount[self._ranks].tolist()
        self._contents = many.content[self._ranks].tolist()
        self._amount, self._most = amount, most
        self.limit, self.steps = limit, 0
        self._highest, self._lowest = _reach(self._amounts)

    def fits(self) -> list[Ints]:
        """The first two that fit, or the only one."""
        found = []
        for chosen in self._from(0, self._amount, ()):
            found.append(np.sort(self._ranks[list(chosen)]))
            if len(found) == 2:
                break
        return found

    def _from(self, place: int, rest: int, chosen: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """Subsets of the rows from `place` on that add up to `rest`, after those chosen."""
        if rest == 0 and chosen:
            if len(chosen) > 1:  # one row alone is a pair, which other passes know better
                yield chosen
            return
        if len(chosen) == self._most:
            return
        skipped = None
        for at in range(place, len(self._amounts)):
            if self.steps >= self.limit or not self._lowest[at] <= rest <= self._highest[at]:
                return
            if self._contents[at] == skipped:  # its equal was tried in its place
                continue
            self.steps += 1
            yield from self._from(at + 1, rest - self._amounts[at], (*chosen, at))
            skipped = self._contents[at]

    def chance(self) -> float:
        """Sums there are of so many rows, over the amounts the target could have had."""
        count = len(self._amounts)
        sums = sum(math.comb(count, size) for size in range(2, min(self._most, count) + 1))
        return sums * math.gcd(self._amount, *self._amounts) / abs(self._amount)


def _reach(amounts: list[int]) -> tuple[list[int], list[int]]:
    """The most and the least that any of the amounts from each place on can come to."""
    highest, lowest = [0] * (len(amounts) + 1), [0] * (len(amounts) + 1)
    for at in range(len(amounts) - 1, -1, -1):
        highest[at] = highest[at + 1] + max(amounts[at], 0)
        lowest[at] = lowest[at + 1] + min(amounts[at], 0)
    return highest, lowest
