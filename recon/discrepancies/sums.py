"""Sums of minor units that cannot overflow: 64-bit columns in, Python's own integers out."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_BITS: Final = 22
_LOW: Final = (1 << _BITS) - 1


def exact_sums(group: Ints, amount: Ints, group_count: int) -> list[int]:
    """The sum of `amount` in each of the groups 0 .. group_count - 1; exact for up to 2**31 rows.

    Each amount is cut into pieces of 22 bits, which are added apart: 2**31 of them stay below 2**53, and so are whole
    numbers to a float.
    """
    sums = [0] * group_count
    for place, piece in enumerate((amount & _LOW, amount >> _BITS & _LOW, amount >> 2 * _BITS)):
        added = np.bincount(group, weights=piece, minlength=group_count)
        sums = [total + (int(part) << place * _BITS) for total, part in zip(sums, added.tolist(), strict=True)]
    return sums
