"""How a learned score came about, in words: `amount 1-1.5 % less +3.12; 5 days later +1.20; texts ... +6.41`.

Each step is the level of one comparison and its weight in natural-log units; a pair's score is their sum. Written with
every match that was weighed, so that a detail panel can draw it without the match at hand.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.board import Weighing
from recon.matching.levels import NAMES, names_of

_BETWEEN = "; "


def waterfall_text(weighing: Weighing) -> pa.Array:
    """The steps of each pair as one text."""
    steps = []
    for which, (weight, level) in enumerate(zip(weighing.weights, weighing.levels, strict=True)):
        words = [f"{name} {value:+.2f}" for name, value in zip(names_of(which), weight.tolist(), strict=True)]
        steps.append(pa.array(words, pa.string()).take(pa.array(level.astype(np.int64))))
    return pc.binary_join_element_wise(*steps, _BETWEEN)


def waterfall(text: str) -> tuple[tuple[str, str, float], ...]:
    """(comparison, level in words, weight) of each step of such a text."""
    steps = [step.rpartition(" ") for step in text.split(_BETWEEN)]
    return tuple((name, words, float(weight)) for name, (words, _, weight) in zip(NAMES, steps, strict=True))
