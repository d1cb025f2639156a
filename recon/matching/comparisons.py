"""How alike two contents are: the similarity of texts, closeness of amounts and dates, and one utility of all three.

A missing text is no disagreement and no agreement: its similarity is NOT_COMPARED.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from rapidfuzz import fuzz, process
from rapidfuzz.utils import default_process

from recon.matching.arrays import Flags, Floats, Ints
from recon.matching.blocking import Contents
from recon.matching.strings import begins_with_word
from recon.matching.tolerance import Tolerance
from recon.model.rules import Rules

NOT_COMPARED: Final = -1.0
TEXT_FLOOR: Final = 50
"""Below this similarity an exact key is evidence, not proof: texts of different payments rarely reach it."""

CROWDED_FLOOR: Final = 60
"""The same among several rows of one key, where the best of many unrelated texts is easily half alike."""

SAME_WORDS: Final = 90
"""`shared_words` from which one text is the other with more around it: Uber, and UBER *TRIP HELP.UBER.COM."""

_WORTH_THREADS: Final = 25_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs of contents (positions) with the similarity of their texts, 0..100 or NOT_COMPARED."""

    source: Ints
    reference: Ints
    similarity: Floats

    def pick(self, chosen: Flags | Ints) -> Pairs:
        """The chosen pairs alone."""
        return Pairs(source=self.source[chosen], reference=self.reference[chosen], similarity=self.similarity[chosen])


def similarities(source: NDArray[Any], reference: NDArray[Any], threads: int) -> Floats:
    """Similarity of each pair of normal forms (str), one by one; NOT_COMPARED where either is empty."""
    workers = threads if len(source) > _WORTH_THREADS else 1
    score = process.cpdist(source.tolist(), reference.tolist(), scorer=fuzz.ratio, dtype=np.float32, workers=workers)
    return np.where(blank(source) | blank(reference), np.float32(NOT_COMPARED), score)


def text_similarities(source: pa.LargeStringArray, reference: pa.LargeStringArray, threads: int) -> Floats:
    """The same for pairs of texts as they stand: cheaper where each text is looked at only once."""
    one, other = source.to_pylist(), reference.to_pylist()
    workers = threads if len(one) > _WORTH_THREADS else 1
    score = process.cpdist(
        one, other, scorer=fuzz.token_sort_ratio, processor=default_process, dtype=np.float32, workers=workers
    )
    # where one is empty, or nothing but signs, it scores 0 or 100
    unsure = ((score == 0) | (score == 100)) & ~(begins_with_word(source) & begins_with_word(reference))
    for at in np.flatnonzero(unsure):
        if not default_process(one[at]) or not default_process(other[at]):
            score[at] = NOT_COMPARED
    return score


def shared_words(source: pa.LargeStringArray, reference: pa.LargeStringArray, threads: int) -> Floats:
    """rapidfuzz `token_set_ratio` of each pair of texts, 0..100: 100 where all words of one are words of the other."""
    one, other = source.to_pylist(), reference.to_pylist()
    workers = threads if len(one) > _WORTH_THREADS else 1
    score: Floats = process.cpdist(
        one, other, scorer=fuzz.token_set_ratio, processor=default_process, dtype=np.float32, workers=workers
    )
    return score


def blank(forms: NDArray[Any]) -> Flags:
    """Which texts are empty."""
    empty: Flags = np.equal(forms, "").astype(np.bool_)
    return empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeness:
    """Each part of a pair's agreement, from 0 (at the edge of the rules) to 1 (equal), and which are equal."""

    amount: NDArray[np.float64]
    days: NDArray[np.float64]
    same_amount: Flags
    same_day: Flags

    @property
    def is_exact(self) -> Flags:
        """Pairs with one exact key."""
        return self.same_amount & self.same_day

    def pick(self, chosen: Flags) -> Closeness:
        """That of the chosen pairs alone."""
        return Closeness(
            amount=self.amount[chosen],
            days=self.days[chosen],
            same_amount=self.same_amount[chosen],
            same_day=self.same_day[chosen],
        )


def closeness(source: Contents, reference: Contents, pairs: Pairs, rules: Rules) -> Closeness:
    """How near amounts and dates of these pairs are, measured in the tolerances of the rules."""
    one, other = source.amount[pairs.source], reference.amount[pairs.reference]
    days = reference.day[pairs.reference] - source.day[pairs.source]
    return Closeness(
        amount=amount_closeness(one, other, rules),
        days=day_closeness(days, rules),
        same_amount=one == other,
        same_day=days == 0,
    )


def amount_closeness(source: Ints, reference: Ints, rules: Rules) -> NDArray[np.float64]:
    """1 where equal, falling to just above 0 at the tolerance."""
    allowed = Tolerance.of(rules).allowed(source, reference)
    result: NDArray[np.float64] = np.maximum(1 - np.abs(source - reference) / (allowed + 1), 0)
    return result


def day_closeness(days: Ints, rules: Rules) -> NDArray[np.float64]:
    """1 on the same day, falling to just above 0 at the end of the window on that side."""
    window = np.where(days < 0, rules.days_before, rules.days_after)
    result: NDArray[np.float64] = np.maximum(1 - np.abs(days) / (window + 1), 0)
    return result


def utilities(pairs: Pairs, near: Closeness, floor: int) -> Ints:
    """What the assignment adds up: similarity above the floor, nearness, and a bonus for an exact key. Always > 0.

    A point of similarity is 1,000. The whole amount tolerance and the whole date window are worth ten points each and
    cost by the square of the distance, as errors do: of two ways to pair two rows, the one that crosses over is the
    worse. An equal amount and an equal date are worth five more each, both together another ten. A text that is missing
    counts as one that is just alike enough.
    """
    missing = float(max(floor, TEXT_FLOOR))
    similarity = np.where(pairs.similarity == NOT_COMPARED, missing, pairs.similarity.astype(np.float64))
    points = np.maximum(similarity - floor, 0) + 30 - 10 * (1 - near.amount) ** 2 - 10 * (1 - near.days) ** 2
    points += 5.0 * near.same_amount + 5.0 * near.same_day + 10.0 * near.is_exact
    result: Ints = np.rint(points * 1000).astype(np.int64)
    return result
