"""The comparisons of the learned scoring: each puts a pair of rows on one of a few named, ordered levels.

Amount: equal, less or more by a usual fee, or how far the reference is below or above, in steps to 15 %. Date: days
from source to reference, by the calendar or by working days. Description, numbers in it, counterparty: how rare the
words are that both have, whether words are missing, and how alike the whole is. Where a side has nothing to compare,
a comparison is *silent*: it weighs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recon.matching.arrays import Floats, Ints
from recon.matching.board import Board
from recon.matching.catch import FURTHEST_DAYS, FURTHEST_PART
from recon.matching.comparisons import NOT_COMPARED
from recon.matching.habits import MOST_FEES, Fee, Habits, fee_text, working_days
from recon.matching.wide import FLOOR, WidePairs
from recon.matching.wording import InCommon, Wording

Numbers = NDArray[np.float64]
Levels = tuple[Ints, ...]
"""The level of each pair in each comparison, in the order of SCALES."""

_STEPS: Final = np.array([0.0025, 0.005, 0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.08, 0.10, 0.13])
_LAST: Final = float(FURTHEST_PART)
_SIDES: Final = len(_STEPS) + 1
_FEES: Final = 1
"""Level of the first usual fee."""
_LESS: Final = _FEES + MOST_FEES
_TENFOLD: Final = float(np.log(10) / 2)
"""Words in common are as rare as 1 row in 1, 3, 10, 30, 100, ...: nats between two of these."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A comparison: its name, and what matches and other pairs look like before any data has been seen.

    `likely` and `unlikely` say how often each level occurs among either, adding up to 1. `silent`: the level that
    weighs nothing.
    """

    name: str
    likely: Numbers
    unlikely: Numbers
    silent: int | None = None

    def __len__(self) -> int:
        return len(self.likely)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Grid:
    """Levels of texts: how rare the words in common are, by how many are missing, by how alike all is; then silence."""

    what: str
    rare: int
    missing: int
    alike: int

    def __len__(self) -> int:
        return self.rare * self.missing * self.alike + 1

    def levels(self, common: InCommon, similarity: Floats | None = None) -> Ints:
        """The level of each pair."""
        rare = np.minimum((common.told / _TENFOLD).astype(np.int64), self.rare - 1)
        level = rare * self.missing + np.minimum(common.missed, self.missing - 1)
        if similarity is not None:
            width = (100 - FLOOR) // self.alike
            band = (similarity.astype(np.int64) - FLOOR) // width
            level = level * self.alike + np.clip(band, 0, self.alike - 1)
        return np.where(common.is_silent, len(self) - 1, level)

    def scale(self, name: str) -> Scale:
        """The comparison of that name on these levels."""
        rare, missing, alike = np.unravel_index(np.arange(len(self) - 1), (self.rare, self.missing, self.alike))
        toward = 0.3 * rare - 1.0 * missing + 0.4 * alike
        return Scale(
            name=name,
            likely=np.append(_shares(np.exp(toward)), 0.0),
            unlikely=np.append(_shares(np.exp(-0.8 * rare + 0.7 * missing - 0.4 * alike)), 0.0),
            silent=len(self) - 1,
        )

    def names(self) -> list[str]:
        """Each level in words."""
        common = [
            f"no {self.what} in common",
            *(f"{self.what}s in common that 1 row in {n:,} has" for n in _rarities()),
        ]
        missing = ["none missing", *(f"{count} missing" for count in range(1, self.missing))]
        missing[-1] += " or more" if self.missing > 2 else ""
        width = (100 - FLOOR) // self.alike
        alike = [f", {FLOOR + width * at}-{FLOOR + width * (at + 1)} % alike" for at in range(self.alike)]
        last = alike if self.alike > 1 else [""]
        rows = [f"{one}, {two}{three}" for one in common[: self.rare] for two in missing for three in last]
        return [*rows, f"no {self.what} to compare"]


def _rarities() -> list[int]:
    return [number for power in range(8) for number in (3 * 10**power, 10 ** (power + 1))]


def _shares(values: Numbers) -> Numbers:
    return np.asarray(values / values.sum())


def _amount_scale() -> Scale:
    step = np.exp(-0.35 * np.arange(_SIDES))
    width = np.diff([0.0, *_STEPS.tolist(), _LAST])
    fees = np.full(MOST_FEES, 0.05)
    return Scale(
        name="amount",
        likely=_shares(np.concatenate([[step.sum()], fees, step, step])),
        unlikely=_shares(np.concatenate([[_STEPS[0]], fees * _STEPS[0], width, width])),
    )


def _date_scale() -> Scale:
    days = np.abs(np.arange(2 * FURTHEST_DAYS + 1) - FURTHEST_DAYS)
    return Scale(name="date", likely=_shares(np.exp(-days / 5.0)), unlikely=_shares(np.ones(len(days))))


_DESCRIPTION: Final = _Grid(what="word", rare=14, missing=4, alike=5)
_NUMBER: Final = _Grid(what="number", rare=9, missing=2, alike=1)
_COUNTERPARTY: Final = _Grid(what="word", rare=8, missing=3, alike=1)

SCALES: Final = (
    _amount_scale(),
    _date_scale(),
    _DESCRIPTION.scale("description"),
    _NUMBER.scale("number"),
    _COUNTERPARTY.scale("counterparty"),
)


def levels_of(board: Board, wording: Wording, pairs: WidePairs, habits: Habits) -> Levels:
    """The level of each pair in each comparison, counted from 0."""
    words, numbers, parties = wording.in_common(pairs.source, pairs.reference)
    return (
        *money_levels(board, pairs, habits),
        _DESCRIPTION.levels(words, np.maximum(pairs.similarity, NOT_COMPARED)),
        _NUMBER.levels(numbers),
        _COUNTERPARTY.levels(parties),
    )


def money_levels(board: Board, pairs: WidePairs, habits: Habits) -> tuple[Ints, Ints]:
    """The levels of amount and date, the two that depend on habits."""
    one, other = board.source.amount[pairs.source], board.reference.amount[pairs.reference]
    days = day_levels(board, pairs.source, pairs.reference, is_working_days=habits.is_working_days)
    return _amount(one, other, habits.fees), days


def day_levels(board: Board, source: Ints, reference: Ints, *, is_working_days: bool) -> Ints:
    """The level of the date of each pair of ranks."""
    begin, end = board.source.day[source], board.reference.day[reference]
    days = working_days(begin, end) if is_working_days else end - begin
    return np.clip(days, -FURTHEST_DAYS, FURTHEST_DAYS) + FURTHEST_DAYS


def _amount(one: Ints, other: Ints, fees: tuple[Fee, ...]) -> Ints:
    size, other_size = np.abs(one), np.abs(other)
    step = np.searchsorted(_STEPS, np.abs(size - other_size) / np.maximum(np.maximum(size, other_size), 1), "left")
    level: Ints = np.where(other_size < size, _LESS, _LESS + _SIDES) + step
    for at in reversed(range(len(fees))):
        level[fees[at].fits(one, other)] = _FEES + at
    level[one == other] = 0
    return level


def names_of(which: int, habits: Habits, decimals: int = 2) -> list[str]:
    """Each level of a comparison in words; fees are written with so many decimals."""
    if which == 0:
        edges = [0.0, *_STEPS.tolist(), _LAST]
        spans = [f"{100 * a:g}-{100 * b:g} %" for a, b in pairwise(edges)]
        fees = [fee_text(fee, decimals) for fee in habits.fees]
        fees += [f"a usual fee, number {at + 1}" for at in range(len(fees), MOST_FEES)]
        return ["equal", *fees, *(f"{span} less" for span in spans), *(f"{span} more" for span in spans)]
    if which == 1:
        kind = "working day" if habits.is_working_days else "day"
        return [_day_name(day - FURTHEST_DAYS, kind) for day in range(len(SCALES[1]))]
    return (_DESCRIPTION, _NUMBER, _COUNTERPARTY)[which - 2].names()


def _day_name(days: int, kind: str) -> str:
    if not days:
        return f"same {kind}"
    return f"{abs(days)} {kind}{'' if abs(days) == 1 else 's'} {'later' if days > 0 else 'earlier'}"
