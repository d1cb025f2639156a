"""How a learned score came about, in words: `amount: 1-1.5 % less +3.12; date: 5 days later +1.20; number: ... +6.41`.

Each step is the level of one comparison and its weight in natural-log units; a pair's score is their sum. Comparisons
that are silent on a pair are left out. Written with every match that was weighed, so that a detail panel can draw it
without the match at hand.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.board import Weighing
from recon.matching.levels import SCALES, names_of

_BETWEEN = "; "
_NAMED = ": "


def waterfall_text(weighing: Weighing) -> pa.Array:
    """The steps of each pair as one text."""
    steps = []
    for which, (scale, weight, level) in enumerate(zip(SCALES, weighing.weights, weighing.levels, strict=True)):
        words: list[str | None] = [
            f"{scale.name}{_NAMED}{name} {value:+.2f}"
            for name, value in zip(names_of(which, weighing.habits), weight.tolist(), strict=True)
        ]
        if scale.silent is not None:
            words[scale.silent] = None
        steps.append(pa.array(words, pa.string()).take(pa.array(level)))
    return pc.binary_join_element_wise(*steps, _BETWEEN, null_handling="skip")


def waterfall(text: str) -> tuple[tuple[str, str, float], ...]:
    """(comparison, level in words, weight) of each step of such a text."""
    steps = []
    for step in text.split(_BETWEEN):
        name, _, rest = step.partition(_NAMED)
        words, _, weight = rest.rpartition(" ")
        steps.append((name, words, float(weight)))
    return tuple(steps)
