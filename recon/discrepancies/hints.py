"""What may have gone wrong between two rows: the fee, a slipped decimal point, swapped digits, a wrong month.

A hint is arithmetic, not a judgement: it is given where the figures say exactly that, and never where they nearly do.
Of several about the amounts the most telling counts, and so of those about the dates; whichever side is called the
source, the hint is the same, mirrored. Whole columns of pairs at a time, or one pair of rows for a detail panel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.discrepancies.rows import SideRows
from recon.discrepancies.sentences import joined
from recon.discrepancies.sums import Flags, Ints
from recon.model.candidate import TellingAmounts
from recon.money import MAX_MINOR, exponent


class Hint(StrEnum):
    """What the figures of two rows say about how they came to differ."""

    SOURCE_FEE = "source_fee"
    REFERENCE_FEE = "reference_fee"
    OTHER_CURRENCY = "other_currency"
    SIGN = "sign"
    SOURCE_1000 = "source_1000"
    SOURCE_100 = "source_100"
    SOURCE_10 = "source_10"
    REFERENCE_1000 = "reference_1000"
    REFERENCE_100 = "reference_100"
    REFERENCE_10 = "reference_10"
    TRANSPOSED = "transposed"
    ONE_DAY = "one_day"
    DAY_MONTH = "day_month"
    ONE_MONTH = "one_month"


SENTENCES: Final[Mapping[Hint, str]] = {
    Hint.SOURCE_FEE: "The difference is exactly the fee of the source row.",
    Hint.REFERENCE_FEE: "The difference is exactly the fee of the reference row.",
    Hint.OTHER_CURRENCY: "The amount is the same, in another currency.",
    Hint.SIGN: "The amount is the same, with the opposite sign.",
    Hint.SOURCE_1000: "The source has exactly 1,000 times the amount.",
    Hint.SOURCE_100: "The source has exactly 100 times the amount: cents may have been read as units.",
    Hint.SOURCE_10: "The source has exactly 10 times the amount.",
    Hint.REFERENCE_1000: "The reference has exactly 1,000 times the amount.",
    Hint.REFERENCE_100: "The reference has exactly 100 times the amount: cents may have been read as units.",
    Hint.REFERENCE_10: "The reference has exactly 10 times the amount.",
    Hint.TRANSPOSED: "The amounts are the same but for two neighbouring digits, which are swapped.",
    Hint.ONE_DAY: "The dates are one day apart.",
    Hint.DAY_MONTH: "The dates are the same with day and month swapped.",
    Hint.ONE_MONTH: "The dates are exactly one month apart.",
}

_ORDER: Final = tuple(Hint)
_NOTHING: Final = len(_ORDER)
_DIGITS: Final = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """One end of each of some pairs. `fee` is 0 where there is none; `day` counts from 1970; `places` are decimals."""

    amount: Ints
    fee: Ints
    day: Ints
    currency: Ints
    places: Ints

    @classmethod
    def of(cls, rows: SideRows, at: Ints, currencies: tuple[str, ...]) -> Self:
        """The rows of one side at these positions."""
        currency = rows.currency[at]
        fee = rows.table["fee"]
        return cls(
            amount=rows.amount[at],
            fee=_fees(fee, at),
            day=rows.day[at],
            currency=currency,
            places=np.array([exponent(name) for name in currencies], np.int64)[currency],
        )

    @classmethod
    def of_row(cls, row: Mapping[str, Any], currency: int) -> Self:
        """One row, by columns of TRANSACTION_SCHEMA; `currency` is any number that stands for its own."""
        values = (row["amount"], row["fee"] or 0, (row["date"] - date(1970, 1, 1)).days, currency)
        amount, fee, day, code = (np.array([value], np.int64) for value in values)
        return cls(amount=amount, fee=fee, day=day, currency=code, places=np.array([exponent(row["currency"])]))

    def pick(self, at: Ints) -> Ends:
        """Those of the chosen pairs alone."""
        return Ends(
            amount=self.amount[at],
            fee=self.fee[at],
            day=self.day[at],
            currency=self.currency[at],
            places=self.places[at],
        )


def hints_between(source: Mapping[str, Any], reference: Mapping[str, Any]) -> tuple[Hint, ...]:
    """The hints of one pair of rows, by columns of TRANSACTION_SCHEMA: at most one on amounts and one on dates."""
    ends = Ends.of_row(source, 0), Ends.of_row(reference, int(source["currency"] != reference["currency"]))
    codes = (int(amount_hints(*ends)[0]), int(date_hints(*ends)[0]))
    return tuple(_ORDER[code] for code in codes if code != _NOTHING)


def telling_amounts(row: Mapping[str, Any]) -> TellingAmounts:
    """The amounts a row of the other side would have for there to be a hint, but for a fee of its own."""
    amount, fee = int(row["amount"]), int(row["fee"] or 0)
    if not amount:
        return TellingAmounts()
    sign, size = (-1 if amount < 0 else 1), abs(amount)
    digits = str(size)
    swapped = {
        sign * int(digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]) for at in range(len(digits) - 1)
    }
    slipped = {amount * factor for factor in (10, 100, 1000)}
    slipped |= {sign * (size // factor) for factor in (10, 100, 1000) if size % factor == 0}
    scaled = {amount * 10**more for more in range(1, 5)} | {
        sign * (size // 10**less) for less in range(1, 5) if size % 10**less == 0
    }
    alike = {-amount, amount - fee, amount + fee} | slipped | swapped
    return TellingAmounts(
        alike=frozenset(one for one in alike - {amount, 0} if abs(one) <= MAX_MINOR),
        other=frozenset(one for one in scaled | {amount} if abs(one) <= MAX_MINOR),
    )


def pair_hints(source: SideRows, reference: SideRows, one: Ints, other: Ints, currencies: tuple[str, ...]) -> pa.Array:
    """What there is to add to sentences that tell both amounts and the days between them, for pairs of rows."""
    ends = Ends.of(source, one, currencies), Ends.of(reference, other, currencies)
    return hint_text(amount_hints(*ends), without(date_hints(*ends), Hint.ONE_DAY))


def hint_text(*codes: Ints) -> pa.Array:
    """The sentences of these hints, each behind a space; nothing where there is no hint."""
    texts = pa.array([*(f" {SENTENCES[hint]}" for hint in _ORDER), ""])
    return joined(*(texts.take(pa.array(code)) for code in codes))


def without(codes: Ints, *hints: Hint) -> Ints:
    """The hints but these."""
    return np.where(np.isin(codes, [_ORDER.index(hint) for hint in hints]), _NOTHING, codes)


def amount_hints(source: Ends, reference: Ends) -> Ints:
    """What the amounts say about each pair: the place of a hint in `Hint`, or one past the last for none."""
    found = np.full(len(source.amount), _NOTHING)
    other = source.currency != reference.currency
    at = np.flatnonzero(other | (source.amount != reference.amount))
    one, two, other = source.pick(at), reference.pick(at), other[at]
    delta = np.abs(one.amount - two.amount)
    by_hint = {
        Hint.OTHER_CURRENCY: other & _same_value(one, two),
        Hint.SOURCE_FEE: ~other & (delta == np.abs(one.fee)),
        Hint.REFERENCE_FEE: ~other & (delta == np.abs(two.fee)),
        Hint.SIGN: ~other & (one.amount == -two.amount),
        **{hint: ~other & _is_times(one.amount, two.amount, factor) for hint, factor in _SOURCE_TIMES.items()},
        **{hint: ~other & _is_times(two.amount, one.amount, factor) for hint, factor in _REFERENCE_TIMES.items()},
        Hint.TRANSPOSED: ~other & _are_transposed(one.amount, two.amount, delta),
    }
    found[at] = _first(by_hint, len(at))
    return found


def date_hints(source: Ends, reference: Ends) -> Ints:
    """What the dates say about each pair, in the same form."""
    found = np.full(len(source.day), _NOTHING)
    at = np.flatnonzero(source.day != reference.day)
    one, two = source.day[at], reference.day[at]
    month, day = _month_and_day(one)
    other_month, other_day = _month_and_day(two)
    swapped = (month // 12 == other_month // 12) & (month % 12 + 1 == other_day) & (other_month % 12 + 1 == day)
    near = np.abs(month - other_month) == 1
    clipped = np.minimum(day, _month_length(other_month)) == other_day
    clipped |= np.minimum(other_day, _month_length(month)) == day
    by_hint = {Hint.ONE_DAY: np.abs(one - two) == 1, Hint.DAY_MONTH: swapped, Hint.ONE_MONTH: near & clipped}
    found[at] = _first(by_hint, len(at))
    return found


_SOURCE_TIMES: Final = {Hint.SOURCE_1000: 1000, Hint.SOURCE_100: 100, Hint.SOURCE_10: 10}
_REFERENCE_TIMES: Final = {Hint.REFERENCE_1000: 1000, Hint.REFERENCE_100: 100, Hint.REFERENCE_10: 10}


def _first(by_hint: Mapping[Hint, Flags], count: int) -> Ints:
    """The place of the first hint that is so, for each pair."""
    if not count:
        return np.zeros(0, np.int64)
    return np.select(list(by_hint.values()), [_ORDER.index(hint) for hint in by_hint], default=_NOTHING)


def _fees(column: pa.ChunkedArray, at: Ints) -> Ints:
    if column.null_count == len(column):
        return np.zeros(len(at), np.int64)
    return np.asarray(pc.fill_null(column.take(pa.array(at)), 0).to_numpy(), np.int64)


def _same_value(one: Ends, two: Ends) -> Flags:
    """Equal amounts other than zero, whatever decimals the currencies have; exact, and never beyond 64 bits."""
    more = np.power(10, np.maximum(one.places - two.places, 0))
    more_two = np.power(10, np.maximum(two.places - one.places, 0))
    whole = (one.amount % more == 0) & (two.amount % more_two == 0)
    result: Flags = whole & (one.amount // more == two.amount // more_two) & (one.amount != 0)
    return result


def _is_times(large: Ints, small: Ints, factor: int) -> Flags:
    result: Flags = (large % factor == 0) & (large // factor == small) & (small != 0)
    return result


def _are_transposed(one: Ints, two: Ints, delta: Ints) -> Flags:
    """Whether swapping two neighbouring digits of one gives the other: their difference is 9 * k * 10**n, k < 10."""
    swapped = np.zeros(len(one), np.bool_)
    at = np.flatnonzero((delta % 9 == 0) & (np.sign(one) == np.sign(two)))
    if not len(at):
        return swapped
    size, other = np.abs(one[at]), np.abs(two[at])
    found = np.zeros(len(at), np.bool_)
    for place in range(_DIGITS):
        unit = 10**place
        low, high = size // unit % 10, size // (10 * unit) % 10
        found |= (low != high) & (size + (low - high) * 9 * unit == other)
    swapped[at] = found
    return swapped


def _month_and_day(day: Ints) -> tuple[Ints, Ints]:
    """Months since year 0, and the day of the month from 1."""
    dates = day.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64) + 1970 * 12, (dates - months.astype("datetime64[D]")).astype(np.int64) + 1


def _month_length(month: Ints) -> Ints:
    begins = (month - 1970 * 12).astype("datetime64[M]")
    length: Ints = ((begins + 1).astype("datetime64[D]") - begins.astype("datetime64[D]")).astype(np.int64)
    return length
