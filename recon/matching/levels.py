"""The comparisons of the learned scoring: each puts a pair of rows on one of a few named, ordered levels.

Amount: equal, or how far the reference is below or above, in steps to 15 %. Date: days from source to reference. Text:
how alike, together with how much of the shorter text stands in the longer one, both in steps of five points.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recon.matching.arrays import Floats, Ints
from recon.matching.board import Board
from recon.matching.comparisons import NOT_COMPARED
from recon.matching.wide import FLOOR, FURTHEST_DAYS, FURTHEST_PART, WidePairs

_STEPS: Final = np.array([0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.13])
_LAST: Final = float(FURTHEST_PART)
_SIDES: Final = len(_STEPS) + 1
_BANDS: Final = (100 - FLOOR) // 5 + 1

NAMES: Final = ("amount", "date", "description")
SIZES: Final = (1 + 2 * _SIDES, 2 * FURTHEST_DAYS + 1, _BANDS**2 + 1)
NO_TEXT: Final = SIZES[2] - 1
"""The level of a text that is missing: it weighs nothing."""


Levels = tuple[Ints, Ints, Ints]
"""The level of each pair in amount, date and description."""


def levels_of(board: Board, pairs: WidePairs) -> Levels:
    """The level of each pair in each comparison, counted from 0."""
    one, other = board.source.amount[pairs.source], board.reference.amount[pairs.reference]
    days = board.reference.day[pairs.reference] - board.source.day[pairs.source]
    return _amount(one, other), np.clip(days, -FURTHEST_DAYS, FURTHEST_DAYS) + FURTHEST_DAYS, _text(pairs)


def _amount(one: Ints, other: Ints) -> Ints:
    size, other_size = np.abs(one), np.abs(other)
    step = np.searchsorted(_STEPS, np.abs(size - other_size) / np.maximum(np.maximum(size, other_size), 1), "left")
    return np.where(one == other, 0, np.where(other_size < size, 1, 1 + _SIDES) + step)


def _text(pairs: WidePairs) -> Ints:
    level = _band(pairs.similarity) * _BANDS + _band(pairs.within)
    return np.where(pairs.similarity == NOT_COMPARED, NO_TEXT, level)


def _band(score: Floats) -> Ints:
    return np.clip((score.astype(np.int64) - FLOOR) // 5, 0, _BANDS - 1)


def likely(which: int) -> NDArray[np.float64]:
    """What a match looks like before any data has been seen: how often each level of a comparison, adding up to 1."""
    if which == 0:
        step = np.exp(-0.35 * np.arange(_SIDES))
        share = np.concatenate([[step.sum()], step, step])
    elif which == 1:
        share = np.exp(-np.abs(np.arange(SIZES[1]) - FURTHEST_DAYS) / 5.0)
    else:
        alike, within = np.divmod(np.arange(NO_TEXT), _BANDS)
        share = np.append(np.exp(0.3 * alike + 0.3 * within), 0.0)
    return np.asarray(share / share.sum())


def unlikely(which: int) -> NDArray[np.float64]:
    """The same of candidates that are no match: amounts and dates anywhere, texts as alike as any two are."""
    if which == 0:
        width = np.diff([0.0, *_STEPS.tolist(), _LAST])
        share = np.concatenate([[_STEPS[0]], width, width])
    elif which == 1:
        share = np.ones(SIZES[1])
    else:
        alike, within = np.divmod(np.arange(NO_TEXT), _BANDS)
        share = np.append(np.exp(-0.35 * alike - 0.35 * within), 0.0)
    return np.asarray(share / share.sum())


def names_of(which: int) -> list[str]:
    """Each level of a comparison in words."""
    if which == 0:
        edges = [0.0, *_STEPS.tolist(), _LAST]
        spans = [f"{100 * a:g}-{100 * b:g} %" for a, b in pairwise(edges)]
        return ["amount equal", *(f"amount {span} less" for span in spans), *(f"amount {span} more" for span in spans)]
    if which == 1:
        return [_day_name(day - FURTHEST_DAYS) for day in range(SIZES[1])]
    bands = [f"{FLOOR + 5 * band}-{min(FLOOR + 5 * band + 5, 100)} %" for band in range(_BANDS - 1)] + ["100 %"]
    texts = [f"texts {alike} alike, the shorter {within} in the longer" for alike in bands for within in bands]
    return [*texts, "a text is missing"]


def _day_name(days: int) -> str:
    if not days:
        return "same day"
    return f"{abs(days)} day{'' if abs(days) == 1 else 's'} {'later' if days > 0 else 'earlier'}"
