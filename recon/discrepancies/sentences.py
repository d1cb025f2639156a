"""What a discrepancy says, a million at a time: amounts as `recon.money.to_display` writes them, built by columns.

Plain sentences of our own words and numbers: nothing a file contains is quoted, so nothing in them can be markup.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.discrepancies.sums import Ints
from recon.money import exponent

_THREE_DIGITS: Final = pa.array([f",{number:03}" for number in range(1000)])
_MINUS: Final = "\u2212"


def amounts_text(amount: Ints, currency: Ints, currencies: tuple[str, ...]) -> pa.Array:
    """Each amount (minor units of currencies[currency]) as to_display would write it."""
    places = np.array([exponent(name) for name in currencies], np.int64)[currency]
    size = np.abs(amount)
    unit = np.power(10, places)
    whole = _with_thousands(size // unit)
    fraction = _fraction(size % unit, places)
    sign = pc.if_else(pa.array(amount < 0), _MINUS, "")
    code = pa.array([f" {name}" for name in currencies], pa.string()).take(pa.array(currency))
    return joined(sign, whole, fraction, code)


def _with_thousands(number: NDArray[np.int64]) -> pa.Array:
    """12345 -> 12,345"""
    top = 0
    while number.max(initial=0) // 1000**top >= 1000:
        top += 1
    text = pa.array(number // 1000**top).cast(pa.string())
    for level in range(top - 1, -1, -1):
        group = number // 1000**level
        longer = joined(text, _THREE_DIGITS.take(pa.array(group % 1000)))
        text = pc.if_else(pa.array(group >= 1000), longer, pa.array(group).cast(pa.string()))
    return text


def _fraction(rest: Ints, places: Ints) -> pa.Array:
    """The decimals with their point, as many as the currency has; nothing for a currency without."""
    text = pa.array([""] * 1).take(pa.array(np.zeros(len(rest), np.int64)))
    for count in np.unique(places[places > 0]).tolist():
        padded = pc.utf8_lpad(pa.array(rest).cast(pa.string()), int(count), "0")
        text = pc.if_else(pa.array(places == count), joined(".", padded), text)
    return text


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts and columns of texts joined into one column; at least one part is a column."""
    return pc.binary_join_element_wise(*parts, "")
