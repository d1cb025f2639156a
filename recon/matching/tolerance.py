"""When two amounts are near enough: the larger of an absolute and a relative tolerance, in exact whole numbers.

Opposite signs are never near: a charge and a refund are different movements, however small. Zero is near both.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np

from recon.matching.arrays import Flags, Ints
from recon.model.rules import Rules
from recon.money import MAX_MINOR

_PLAIN_DENOMINATOR: Final = 2**31
"""Up to here, percentages are taken in int64; finer ones in Python's own integers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tolerance:
    """The amount rule of a run: `minor` units, or `part` (0..1) of the larger absolute amount."""

    minor: int
    part: Fraction

    @classmethod
    def of(cls, rules: Rules) -> Tolerance:
        """The tolerance these rules mean."""
        return cls(minor=rules.amount_tolerance_minor, part=Fraction(rules.amount_tolerance_percent) / 100)

    def allowed(self, source: Ints, reference: Ints) -> Ints:
        """Largest |source - reference| in tolerance, for each pair of amounts."""
        if not self.part:
            return np.full(len(source), self.minor)
        larger = np.maximum(np.abs(source), np.abs(reference))
        return np.maximum(_share(larger, self.part), self.minor)

    def accepts(self, source: Ints, reference: Ints) -> Flags:
        """Whether each pair of amounts is in tolerance and not of opposite sign."""
        near = np.abs(source - reference) <= self.allowed(source, reference)
        result: Flags = near & (np.sign(source) * np.sign(reference) >= 0)
        return result

    def bounds(self, amount: Ints) -> tuple[Ints, Ints]:
        """An interval that holds every amount this one could accept; a little wide, never narrow."""
        size = np.abs(amount)
        low = size - np.maximum(self.minor, self._below(size))
        high = np.minimum(np.maximum(size + self.minor, self._above(size)), MAX_MINOR)
        low = np.where(size > 0, np.maximum(low, 0), -high)  # nothing of the other sign, and zero has none
        return np.where(amount < 0, -high, low), np.where(amount < 0, -low, high)

    def _below(self, size: Ints) -> Ints:
        return _share(size, self.part) if self.part else np.zeros(len(size), np.int64)

    def _above(self, size: Ints) -> Ints:
        """Amounts b above a have b - a <= part * b, so b <= a / (1 - part); floats, rounded up generously."""
        if not self.part:
            return size
        if self.part == 1:
            return np.full(len(size), MAX_MINOR)
        wide = size / float(1 - self.part) * (1 + 1e-9) + 2
        result: Ints = np.minimum(wide, 2.0**62).astype(np.int64)
        return result


def _share(amount: Ints, part: Fraction) -> Ints:
    """Whole part of amount * part, exactly, for amounts >= 0 and part <= 1."""
    if part.denominator > _PLAIN_DENOMINATOR:
        exact = [int(value) * part.numerator // part.denominator for value in amount.tolist()]
        return np.array(exact, np.int64)
    whole, left = np.divmod(amount, part.denominator)
    result: Ints = whole * part.numerator + left * part.numerator // part.denominator
    return result


EQUAL: Final = Tolerance(minor=0, part=Fraction(0))
"""No tolerance at all."""
