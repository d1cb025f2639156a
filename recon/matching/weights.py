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

from recon.matching.arrays import Flags, Ints
from recon.matching.levels import SCALES, Levels, Numbers, Scale

_STRENGTH: Final = 50.0
"""As many matches as the general idea counts for; pairs already known count for as many again at most."""
_OTHERS: Final = 20.0
"""As many other pairs as the general idea counts for."""
_UNSEEN: Final = 0.02
"""Other pairs assumed on every level, so that none weighs more than there is evidence for."""


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
    for scale, level in zip(SCALES, known, strict=True):
        seen = np.bincount(level, minlength=len(scale))
        counts.append(_STRENGTH * scale.likely + seen * min(1.0, _STRENGTH / max(len(level), 1)))
    return tuple(counts)


def learned(before: tuple[Numbers, ...], matches: Levels, others: Levels) -> Weights:
    """The weights that these matches give against other pairs, on top of the counts `before`."""
    columns = zip(SCALES, before, matches, others, strict=True)
    return Weights(of=tuple(_weight(scale, count, found, other) for scale, count, found, other in columns))


def _weight(scale: Scale, count: Numbers, matches: Ints, others: Ints) -> Numbers:
    """The weights of one comparison. Silence says nothing, and has no share in what the rest says."""
    m = count + np.bincount(matches, minlength=len(scale))
    u = np.bincount(others, minlength=len(scale)) + _OTHERS * scale.unlikely + _UNSEEN
    if scale.silent is not None:
        m[scale.silent] = u[scale.silent] = 0.0
    weight = np.log(np.maximum(m / m.sum(), 1e-12)) - np.log(np.maximum(u / u.sum(), 1e-12))
    return np.asarray(weight)


def information(scale: Scale, matches: Ints, others: Ints) -> float:
    """How well a comparison tells these matches from other pairs: the mean weight of a match, in nats."""
    if not len(matches):
        return 0.0
    weight = _weight(scale, _STRENGTH * scale.likely, matches, others)
    return float(weight[matches].mean())


def picked(levels: Levels, chosen: Flags) -> Levels:
    """The levels of the chosen pairs."""
    return tuple(level[chosen] for level in levels)
