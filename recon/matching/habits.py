"""What the pairs of two files make a habit of, found in pairs that are likely right: usual fees, and how days run.

A *usual fee* is a percentage and a fixed part by which one amount is smaller than the other, the same for many pairs:
`2.9 % and 0.30`, or a fixed part alone. Days run by the calendar, or by working days where that tells more. Nothing is
set by hand: a fee is one if it explains many pairs, and far more than another fixed part at the same percentage does.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np

from recon.matching.arrays import Flags, Ints, mix, run_starts

MOST_FEES: Final = 4
_RATES: Final = np.arange(0, 301)
"""Percentages that are tried, in units of 0.05 %: to 15 %."""
_RATE_UNIT: Final = 2_000
_LOOKED_AT: Final = 4_000
_FEWEST: Final = 20
_LEAST_SHARE: Final = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """`rate` in units of 0.05 % of the larger amount, and `fixed` minor units; `is_less`: the reference is smaller."""

    is_less: bool
    rate: int
    fixed: int

    def fits(self, source: Ints, reference: Ints) -> Flags:
        """Pairs of amounts that differ by this fee, to the minor unit before or after, however it was rounded."""
        whole, rest = np.abs(source), np.abs(reference)
        if not self.is_less:
            whole, rest = rest, whole
        result: Flags = (np.abs(whole - rest - _part(whole, self.rate) - self.fixed) <= 1) & (whole > rest)
        return result


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """The usual fees, commonest first, and whether days are counted without weekends."""

    fees: tuple[Fee, ...] = ()
    is_working_days: bool = False


def fee_text(fee: Fee, decimals: int) -> str:
    """`less 2.9 % and 0.30`, the fixed part with so many decimals."""
    parts = [f"{fee.rate * 100 / _RATE_UNIT:g} %"] if fee.rate else []
    if fee.fixed or not parts:
        parts.append(f"{Decimal(fee.fixed).scaleb(-decimals):f}")
    return f"{'less' if fee.is_less else 'more'} by {' and '.join(parts)}, a usual fee"


def usual_fees(source: Ints, reference: Ints) -> tuple[Fee, ...]:
    """The fees that explain many of these pairs of amounts; each pair counts for one at most."""
    apart = np.flatnonzero((source != reference) & (source != 0) & (reference != 0))
    mixed = mix(source[apart].view(np.uint64) ^ mix(reference[apart].view(np.uint64)))
    apart = apart[np.argsort(mixed, kind="stable")[:_LOOKED_AT]]
    one, other = source[apart], reference[apart]
    fewest = max(_FEWEST, int(_LEAST_SHARE * len(source[:_LOOKED_AT])))
    found: list[Fee] = []
    while len(found) < MOST_FEES and len(one) >= fewest:
        count, fee = max(
            (_commonest(one, other, is_less=is_less) for is_less in (True, False)),
            key=lambda counted: (counted[0], -counted[1].rate, -counted[1].fixed),
        )
        if count < fewest:
            break
        found.append(fee)
        left = ~fee.fits(one, other)
        one, other = one[left], other[left]
    return tuple(found)


def _commonest(source: Ints, reference: Ints, *, is_less: bool) -> tuple[int, Fee]:
    """(how many more pairs than by chance, the fee) that fits most of these pairs."""
    whole, rest = np.abs(source), np.abs(reference)
    if not is_less:
        whole, rest = rest, whole
    chosen = whole > rest
    whole, rest = whole[chosen], rest[chosen]
    best = 0, Fee(is_less=is_less, rate=0, fixed=0)
    for rate in _RATES.tolist() if len(whole) else ():
        fixed = np.sort(whole - rest - _part(whole, rate))
        fixed = fixed[np.searchsorted(fixed, -1, "left") :]
        start = run_starts(fixed)
        if not len(start):
            continue
        value, count = fixed[start], np.diff(start, append=len(fixed))
        near = np.searchsorted(fixed, value + 1, "right") - np.searchsorted(fixed, value - 1, "left")
        chance = np.searchsorted(fixed, value + 31, "right") - np.searchsorted(fixed, value - 31, "left") - near
        more = near - chance // 10
        at = int(np.lexsort((value, -more))[0])
        if more[at] > best[0]:
            about = np.abs(value - value[at]) <= 1
            commonest = int(value[about][np.argmax(count[about])])
            best = int(more[at]), Fee(is_less=is_less, rate=rate, fixed=max(commonest, 0))
    return best


def _part(whole: Ints, rate: int) -> Ints:
    """`rate` of the whole, to the nearest minor unit."""
    full, left = np.divmod(whole, _RATE_UNIT)
    result: Ints = full * rate + (left * rate + _RATE_UNIT // 2) // _RATE_UNIT
    return result


def working_days(source: Ints, reference: Ints) -> Ints:
    """Days from source to reference that are no Saturday or Sunday; days count from 1970-01-01, a Thursday."""
    result: Ints = _working_days_before(reference) - _working_days_before(source)
    return result


def _working_days_before(day: Ints) -> Ints:
    week, weekday = np.divmod(day + 3, 7)
    result: Ints = week * 5 + np.minimum(weekday, 5)
    return result
