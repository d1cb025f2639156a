"""When the counterparts of a side's rows are due."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

NEVER: Final = int(np.iinfo(np.int64).min)
"""The due day of a row nobody said anything about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One side, by row of its table: the day its counterpart is due (since 1970, or `NEVER`), and whether that is to
    come."""

    day: NDArray[np.int64]
    is_awaited: NDArray[np.bool_]
