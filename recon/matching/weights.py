"""What each level says, learned from the rows themselves: ln(how often among matches / how often among other pairs).

The model of Fellegi and Sunter, without labels: the present weights choose matches, which teach the next weights
(expectation-maximisation with a one-to-one choice in the middle). It starts from the matches already known and from a
general idea of what matches and other pairs look like; it also smooths the counts, and decides where there is little
data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recon.matching.arrays import Flags
from recon.matching.levels import NAMES, NO_TEXT, SIZES, Levels, likely, unlikely

_STRENGTH: Final = 50.0
"""As many matches as the general idea counts for; pairs already known count for as many again at most."""
_OTHERS: Final = 20.0
"""As many other pairs as the general idea counts for."""
_UNSEEN: Final = 0.02
"""Other pairs assumed on every level, so that none weighs more than there is evidence for."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """The weight of each level of each comparison, in natural-log units; a pair's score is their sum."""

    of: tuple[Numbers, ...]

    def scores(self, levels: Levels) -> Numbers:
        """The score of each pair."""
        result = np.zeros(len(levels[0]))
        for weight, level in zip(self.of, levels, strict=True):
            result += weight[level]
        return result


def prior(known: Levels) -> tuple[Numbers, ...]:
    """The counts to begin with, one array a comparison: the general idea, and the levels of pairs already known."""
    counts = []
    for which, level in enumerate(known):
        seen = np.bincount(level, minlength=SIZES[which])
        counts.append(_STRENGTH * likely(which) + seen * min(1.0, _STRENGTH / max(len(level), 1)))
    return tuple(counts)


def learned(before: tuple[Numbers, ...], matches: Levels, others: Levels) -> Weights:
    """The weights that these matches give against other pairs, on top of the counts `before`."""
    found = []
    for which in range(len(NAMES)):
        size = SIZES[which]
        m = np.bincount(matches[which], minlength=size) + before[which]
        u = np.bincount(others[which], minlength=size) + _OTHERS * unlikely(which) + _UNSEEN
        weight = np.log(np.maximum(m / m.sum(), 1e-12)) - np.log(u / u.sum())
        if which == NAMES.index("description"):
            weight[NO_TEXT] = 0.0
        found.append(weight)
    return Weights(of=tuple(found))


def picked(levels: Levels, chosen: Flags) -> Levels:
    """The levels of the chosen pairs."""
    return levels[0][chosen], levels[1][chosen], levels[2][chosen]
