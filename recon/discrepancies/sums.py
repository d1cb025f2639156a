"""Sums of minor units that cannot overflow: 64-bit columns in, Python's own integers out."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

_HALF: Final = 32
_LOW: Final = (1 << _HALF) - 1


def exact_sums(group: Ints, amount: Ints, group_count: int) -> list[int]:
    """The sum of `amount` in each of the groups 0 .. group_count - 1; exact for up to 2**31 rows.

    High and low halves are added apart, so neither sum leaves 64 bits.
    """
    order = np.argsort(group, kind="stable")
    group, amount = group[order], amount[order]
    ends = np.searchsorted(group, np.arange(group_count + 1))
    high = np.concatenate([[0], np.cumsum(amount >> _HALF)])[ends]
    low = np.concatenate([[0], np.cumsum(amount & _LOW)])[ends]
    return [
        (int(high_sum) << _HALF) + int(low_sum)
        for high_sum, low_sum in zip(np.diff(high).tolist(), np.diff(low).tolist(), strict=True)
    ]
