"""What amounts may differ by on purpose: scheduled fees, each dated, each written as one line of text.

2026-01-01 USD 2.9 % + 0.30      from that day on, a payment in that currency costs so much
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from recon.errors import RulesInvalid, TieoutError
from recon.money import exponent, to_text

_EPOCH: Final = date(1970, 1, 1)
_LARGEST_FIXED: Final = 10**12
_FEE: Final = re.compile(r"(\d{4}-\d\d-\d\d) ([A-Z]{3}) (\d{1,3}(?:\.\d{1,6})?) ?%(?: ?\+ ?(\d{1,12}(?:\.\d{1,4})?))?")
_EXACT: Final = 2**53

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeSchedule:
    """What a payment costs from a day on: `percent` of it and `fixed` minor units. Money out costs nothing."""

    from_on: date
    currency: str
    percent: Decimal
    fixed: int

    @classmethod
    def parse(cls, text: object) -> Self:
        """The schedule of a line such as `2026-01-01 USD 2.9 % + 0.30`. Raises RulesInvalid."""
        found = _FEE.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise RulesInvalid("fee_schedules", f"{text!r} is not like 2026-01-01 USD 2.9 % + 0.30.")
        day, currency, percent, fixed = found.groups()
        minor = Decimal(fixed or 0).scaleb(_decimals(currency))
        if minor != int(minor) or Decimal(percent) > 100 or minor > _LARGEST_FIXED:
            raise RulesInvalid("fee_schedules", f"{text!r} is not a fee in {currency}.")
        return cls(from_on=_day(day), currency=currency, percent=Decimal(percent), fixed=int(minor))

    def __str__(self) -> str:
        share = format(self.percent.normalize(), "f")
        fixed = f" + {to_text(self.fixed, self.currency)}" if self.fixed else ""
        return f"{self.from_on} {self.currency} {share} %{fixed}"

    def fees(self, amount: Ints) -> Ints:
        """The fee of each amount in minor units, halves up; 0 for money out."""
        share = Fraction(self.percent) / 100
        whole, left = np.divmod(np.maximum(amount, 0), share.denominator)
        part = whole * share.numerator + (2 * left * share.numerator + share.denominator) // (2 * share.denominator)
        result: Ints = np.where(amount > 0, part + self.fixed, 0)
        return result


def scheduled_fees(
    schedules: Sequence[FeeSchedule], currencies: Sequence[str], currency: Ints, day: Ints, amount: Ints
) -> tuple[Ints, NDArray[np.bool_]]:
    """(fee of each row by the schedule in force on its day, whether there is one).

    `currency` counts in `currencies`, `day` from 1970; rows so large that a fee would not be exact have none.
    """
    fee, is_known = np.zeros(len(amount), np.int64), np.zeros(len(amount), np.bool_)
    for schedule in sorted(schedules, key=lambda one: one.from_on):
        if schedule.currency in currencies:
            begins = (schedule.from_on - _EPOCH).days
            mine = (currency == currencies.index(schedule.currency)) & (day >= begins) & (np.abs(amount) < _EXACT)
            fee[mine], is_known[mine] = schedule.fees(amount[mine]), True
    return fee, is_known


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise RulesInvalid("fee_schedules", f"{text} is not a day.") from None


def _decimals(currency: str) -> int:
    try:
        return exponent(currency)
    except TieoutError:
        raise RulesInvalid("fee_schedules", f"{currency} is not a currency.") from None
