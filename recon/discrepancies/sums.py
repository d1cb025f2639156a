"""Sums of minor units that cannot overflow: 64-bit columns in, Python's own integers out."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LARGEST: Final = 2**63 - 1
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


def pieces(net: list[int]) -> tuple[Ints, Ints]:
    """(group, amount): one piece a group, and more only where a net amount is beyond 64 bits."""
    group, amount = [], []
    for number, total in enumerate(net):
        sign, size = (-1 if total < 0 else 1), abs(total)
        group.append(number)
        amount.append(sign * min(size, LARGEST))
        while (size := size - LARGEST) > 0:
            group.append(number)
            amount.append(sign * min(size, LARGEST))
    return np.array(group, np.int64), np.array(amount, np.int64)
