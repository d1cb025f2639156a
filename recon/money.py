"""Exact money: an integer count of a currency's smallest unit, never a float.

The exponents are ISO 4217's, read from the `iso4217` package (generated from the maintenance agency's list), so
JPY has 0 decimals, KWD 3, CLF 4. Codes the list gives no minor unit for (XXX, XAU, XTS) are not money we can
count, and are refused. Currencies withdrawn of late stay money: old statements are reconciled too.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Final

from iso4217 import Currency as Iso4217

from recon.errors import MixedCurrencies, UnknownCurrency

MAX_MINOR: Final = 2**62 - 1
"""Largest amount a row may carry, in minor units: sums of two rows still fit an int64."""


_WITHDRAWN: Final = {
    **dict.fromkeys(("SKK", "EEK", "LVL", "LTL", "HRK", "BGN"), 2),  # replaced by the euro, 2009 to 2026
    **dict.fromkeys(("ZMK", "MRO", "STD", "VEF", "CUC", "SLL", "ZWL", "ANG"), 2),
    "BYR": 0,
}
"""Withdrawn since 2009: code -> decimals it had. ISO 4217 list three (historic denominations) names the codes."""


@cache
def exponents() -> dict[str, int]:
    """ISO 4217 code -> number of decimals, for every code that has a minor unit or had one until lately."""
    return _WITHDRAWN | {c.code: c.exponent for c in Iso4217 if c.exponent is not None}


def exponent(currency: str) -> int:
    """Decimals of `currency`; raises UnknownCurrency for a code without a minor unit."""
    try:
        return exponents()[currency]
    except KeyError:
        raise UnknownCurrency(currency) from None


def to_decimal(amount: int, currency: str) -> Decimal:
    """Minor units -> exact Decimal in major units, with the currency's own number of decimals."""
    digits = tuple(int(d) for d in str(abs(amount)))
    return Decimal((int(amount < 0), digits, -exponent(currency)))


def to_text(amount: int, currency: str) -> str:
    """Minor units -> plain decimal string (`-1234.50`): the form of every machine-readable output."""
    places = exponent(currency)
    sign, digits = ("-" if amount < 0 else ""), str(abs(amount)).rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"


def to_display(amount: int, currency: str) -> str:
    """Minor units -> what a person reads: thousands separated, minus sign U+2212, code after (`−1,234.50 EUR`)."""
    sign = "\u2212" if amount < 0 else ""
    return f"{sign}{to_decimal(abs(amount), currency):,} {currency}"


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class Money:
    """One amount: `amount` in minor units of `currency`."""

    amount: int
    currency: str

    def __add__(self, other: Money) -> Money:
        if other.currency != self.currency:
            raise MixedCurrencies(self.currency, other.currency)
        return Money(amount=self.amount + other.amount, currency=self.currency)

    def __neg__(self) -> Money:
        return Money(amount=-self.amount, currency=self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + (-other)

    def __str__(self) -> str:
        return to_display(self.amount, self.currency)
