"""Rates of exchange, each dated and written as one line of text, and what amounts in two currencies come to by them.

2026-01-01 EUR/USD 1.0842      from that day on, until the next rate of the two, 1 EUR is 1.0842 USD

Exact: a rate is a fraction, and so is its inverse; only the result is rounded, halves away from zero, to the minor unit
of its currency. The rate of two rows is the one in force on the earlier of their days: that is when the money set off.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from recon.errors import RulesInvalid, TieoutError
from recon.money import MAX_MINOR, exponent

NO_RATE: Final = -1

_EPOCH: Final = date(1970, 1, 1)
_LINE: Final = re.compile(r"(\d{4}-\d\d-\d\d) ([A-Z]{3})/([A-Z]{3}) (\d{1,9}(?:\.\d{1,12})?)")
_SURE: Final = 2**62
_WHOLE: Final = 10_000

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FxRate:
    """From a day on, 1 `base` is so many `quote`."""

    from_on: date
    base: str
    quote: str
    rate: Decimal

    @classmethod
    def parse(cls, text: object) -> Self:
        """The rate of a line such as `2026-01-01 EUR/USD 1.0842`. Raises RulesInvalid."""
        found = _LINE.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise RulesInvalid("fx_rates", f"{text!r} is not like 2026-01-01 EUR/USD 1.0842.")
        day, base, quote, rate = found.groups()
        for currency in (base, quote):
            _decimals(currency)
        if base == quote:
            raise RulesInvalid("fx_rates", f"{text!r} names {base} twice.")
        if not Decimal(rate):
            raise RulesInvalid("fx_rates", f"{text!r} is a rate of 0.")
        return cls(from_on=_day(day), base=base, quote=quote, rate=Decimal(rate))

    def __str__(self) -> str:
        return f"{self.from_on} {self.base}/{self.quote} {format(self.rate.normalize(), 'f')}"

    @property
    def told(self) -> str:
        """`EUR/USD 1.0842 of 2026-01-01`, within a sentence."""
        return f"{self.base}/{self.quote} {format(self.rate.normalize(), 'f')} of {self.from_on}"

    @property
    def pair(self) -> tuple[str, str]:
        """Both currencies, in alphabetical order: a rate holds in both directions."""
        return (self.base, self.quote) if self.base < self.quote else (self.quote, self.base)

    def ratio(self, target: str) -> Fraction:
        """Minor units of `target` for one minor unit of the other currency."""
        of_quote = Fraction(self.rate) * Fraction(10) ** (_decimals(self.quote) - _decimals(self.base))
        return of_quote if target == self.quote else 1 / of_quote


def fx_rates(given: object) -> tuple[FxRate, ...]:
    """Lines of text -> rates, by their currencies and day. Raises RulesInvalid."""
    if not isinstance(given, list | tuple):
        raise RulesInvalid("fx_rates", f"{given!r} is not a list of lines.")
    found = sorted((FxRate.parse(line) for line in given), key=lambda one: (one.pair, one.from_on))
    for one, other in pairwise(found):
        if (one.pair, one.from_on) == (other.pair, other.from_on):
            raise RulesInvalid("fx_rates", f"two rates of {' and '.join(one.pair)} begin on {one.from_on}.")
    return tuple(found)


def converted(amount: Ints, ratio: Fraction) -> Ints:
    """Each amount times the ratio, halves away from zero; what is more than a row may carry is as much as it may."""
    size = np.abs(amount)
    up, down = ratio.numerator, ratio.denominator
    if 2 * up * down < _SURE and (int(size.max(initial=0)) // down + 1) * up < _SURE:
        whole, left = np.divmod(size, down)
        result = whole * up + (2 * left * up + down) // (2 * down)
    else:
        exact = (min((2 * one * up + down) // (2 * down), MAX_MINOR) for one in size.tolist())
        result = np.fromiter(exact, np.int64, len(size))
    signed: Ints = np.where(amount < 0, -result, result)
    return signed


@dataclass(frozen=True, slots=True, kw_only=True)
class Legs:
    """One end of each of some pairs: the code of its currency, its day from 1970, its amount in minor units."""

    currency: Ints
    day: Ints
    amount: Ints

    def pick(self, at: Ints | Flags) -> Legs:
        """Those of the chosen pairs alone."""
        return Legs(currency=self.currency[at], day=self.day[at], amount=self.amount[at])


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """What pairs of legs come to by the rates.

    `expected` is the reference's amount in the source's currency and `delta` the source less that: 0 where one leg is
    the other to the last digit, in either direction. `bps` is how far they are apart, of the larger. `rate` is the
    place of the rate in the terms, or NO_RATE: then all else is 0.
    """

    expected: Ints
    delta: Ints
    bps: Floats
    rate: Ints
    is_within: Flags

    def pick(self, at: Ints | Flags) -> Valued:
        """What the chosen pairs alone come to."""
        return Valued(
            expected=self.expected[at],
            delta=self.delta[at],
            bps=self.bps[at],
            rate=self.rate[at],
            is_within=self.is_within[at],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FxTerms:
    """The rates of some rules, how far from them amounts may be, and how old a rate may get (0: any age)."""

    rates: tuple[FxRate, ...] = ()
    tolerance_bps: int = 0
    max_age_days: int = 0

    def in_force(self, one: str, other: str, day: Ints) -> Ints:
        """The place of the rate of these two currencies on each day, or NO_RATE."""
        pair = (min(one, other), max(one, other))
        places = [place for place, rate in enumerate(self.rates) if rate.pair == pair]
        if one == other or not places:
            return np.full(len(day), NO_RATE)
        begins = np.array([(self.rates[place].from_on - _EPOCH).days for place in places], np.int64)
        at = np.searchsorted(begins, day, "right") - 1
        is_held = at >= 0
        if self.max_age_days:
            is_held &= day - begins[at] <= self.max_age_days
        return np.where(is_held, np.array(places, np.int64)[at], NO_RATE)

    def convert(self, currencies: Sequence[str], legs: Legs, target: Ints) -> tuple[Ints, Ints]:
        """(amount of each leg in minor units of currencies[target], place of its rate), by the rate of its day."""
        amount, place = np.zeros(len(target), np.int64), np.full(len(target), NO_RATE)
        key = legs.currency * len(currencies) + target
        for number in np.unique(key).tolist():
            of, to = (currencies[code] for code in divmod(number, len(currencies)))
            at = np.flatnonzero(key == number)
            place[at] = self.in_force(of, to, legs.day[at])
            order = at[np.argsort(place[at], kind="stable")]
            for same in np.split(order, np.flatnonzero(np.diff(place[order])) + 1):
                if place[same[0]] != NO_RATE:
                    amount[same] = converted(legs.amount[same], self.rates[int(place[same[0]])].ratio(to))
        return amount, place

    def value(self, currencies: Sequence[str], source: Legs, reference: Legs) -> Valued:
        """What these pairs come to; swapping the sides gives the same rate, distance and verdict."""
        day = rate_days(source.day, reference.day)
        there = Legs(currency=source.currency, day=day, amount=source.amount)
        here = Legs(currency=reference.currency, day=day, amount=reference.amount)
        expected, rate = self.convert(currencies, here, source.currency)
        forth, _ = self.convert(currencies, there, reference.currency)
        is_known = rate != NO_RATE
        delta, other = source.amount - expected, forth - reference.amount
        apart, other_apart = self._apart(source.amount, expected), self._apart(reference.amount, forth)
        same_sign = np.sign(source.amount) * np.sign(reference.amount) >= 0
        return Valued(
            expected=np.where(is_known, expected, 0),
            delta=np.where(is_known & (delta != 0) & (other != 0), delta, 0),
            bps=np.where(is_known, np.minimum(apart[0], other_apart[0]), 0.0),
            rate=rate,
            is_within=is_known & same_sign & (apart[1] | other_apart[1]),
        )

    def _apart(self, amount: Ints, expected: Ints) -> tuple[Floats, Flags]:
        """(basis points between them, of the larger; whether that is within the tolerance, in whole numbers)."""
        larger, gap = np.maximum(np.abs(amount), np.abs(expected)), np.abs(amount - expected)
        whole, left = np.divmod(larger, _WHOLE)
        allowed = whole * self.tolerance_bps + left * self.tolerance_bps // _WHOLE
        return gap / np.maximum(larger, 1) * _WHOLE, gap <= allowed

    def no_rate(self, one: str, other: str, day: int) -> str:
        """`no rate EUR/USD on 2026-03-05`, and how old the last one is if it is too old."""
        on = _EPOCH + timedelta(days=day)
        base, quote = self._as_listed(one, other)
        fresh = FxTerms(rates=self.rates).in_force(one, other, np.array([day]))[0]
        old = f"; the last one is of {self.rates[fresh].from_on}" if fresh != NO_RATE else ""
        return f"no rate {base}/{quote} on {on}{old}"

    def _as_listed(self, one: str, other: str) -> tuple[str, str]:
        """The two currencies in the order the rates have them, else in alphabetical order."""
        pair = (min(one, other), max(one, other))
        return next(((rate.base, rate.quote) for rate in self.rates if rate.pair == pair), pair)


def rate_days(source: Ints, reference: Ints) -> Ints:
    """The day whose rate counts for each pair of days."""
    return np.minimum(source, reference)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RulesInvalid("fx_rates", f"{text} is not a day.") from None


def _decimals(currency: str) -> int:
    try:
        return exponent(currency)
    except TieoutError:
        raise RulesInvalid("fx_rates", f"{currency} is not a currency.") from None
