"""Pairs of rows in two currencies, with what the rates say of them, and how the board is told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.matching.arrays import Floats, Ints
from recon.matching.board import Board, Particulars
from recon.matching.columns import Columns
from recon.matching.comparisons import NOT_COMPARED
from recon.model.fx import NO_RATE, Legs, Valued
from recon.model.outcome import Pass

_UNCOMPARED: Final = 50.0
"""A text that is missing counts as half alike."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FxPairs:
    """Pairs of ranks, and what they come to."""

    source: Ints
    reference: Ints
    valued: Valued

    @classmethod
    def of(cls, board: Board, source: Ints, reference: Ints) -> FxPairs:
        """These pairs, valued by the rates of the rules."""
        valued = board.rules.fx.value(
            board.currencies, legs_of(board.source, source), legs_of(board.reference, reference)
        )
        return cls(source=source, reference=reference, valued=valued)

    def __len__(self) -> int:
        return len(self.source)

    def pick(self, at: Ints) -> FxPairs:
        """The chosen pairs alone."""
        return FxPairs(source=self.source[at], reference=self.reference[at], valued=self.valued.pick(at))


def legs_of(side: Columns, ranks: Ints) -> Legs:
    """The legs these ranks are."""
    return Legs(currency=side.currency[ranks], day=side.day[ranks], amount=side.amount[ranks])


def by_id(board: Board, pairs: FxPairs, names: pa.Array) -> Particulars:
    """What to say of pairs an id ties; half sure where no rate can tell, or it is far from it."""
    near = np.where(pairs.valued.rate == NO_RATE, 0, np.maximum(1 - pairs.valued.bps / 10_000, 0))
    return _particulars(board, pairs, names, np.round(0.5 + 0.5 * near, 4))


def by_text(board: Board, pairs: FxPairs, similarity: Floats, rivals: Ints) -> Particulars:
    """What to say of pairs their descriptions tie; `rivals`: partners shown for the end of each that has more."""
    alike = np.where(similarity == NOT_COMPARED, _UNCOMPARED, similarity.astype(np.float64))
    asked = board.rules.description_threshold
    names = pa.array(["description"]).take(pa.array(np.zeros(len(pairs), np.int64))) if asked else None
    return _particulars(board, pairs, names, np.round((0.6 + 0.4 * alike / 100) / rivals, 4))


def suggest(board: Board, pairs: FxPairs, similarity: Floats, particulars: Particulars) -> None:
    """These pairs are for a person to decide."""
    board.suggest(Pass.FX, pairs.source, pairs.reference, similarity, particulars=particulars)


def rivals_of(source: Ints, reference: Ints) -> Ints:
    """Partners of the end of each pair that has more of them."""
    return np.maximum(np.bincount(source)[source], np.bincount(reference)[reference]) if len(source) else source


def _particulars(
    board: Board, pairs: FxPairs, names: pa.Array | None, confidence: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> Particulars:
    rate = _rate_text(board, pairs.valued)
    return Particulars(
        group=np.full(len(pairs), -1),
        delta=pairs.valued.delta,
        confidence=confidence,
        evidence=rate if names is None else pc.binary_join_element_wise(names, rate, "+"),
    )


def _rate_text(board: Board, valued: Valued) -> pa.Array:
    """`fx EUR/USD 1.0842 of 2026-03-01 at 12.0 bps`, or `fx without a rate`."""
    rates = board.rules.fx.rates
    said = [f"fx {rate.told} at " for rate in rates]
    apart, at = np.unique(np.round(valued.bps, 1), return_inverse=True)
    distance = pa.array([f"{bps:.1f} bps" for bps in apart.tolist()], pa.string()).take(pa.array(at))
    told = pa.array([*said, ""], pa.string()).take(pa.array(np.where(valued.rate == NO_RATE, len(rates), valued.rate)))
    told = pc.binary_join_element_wise(told, distance, "")
    return pc.if_else(pa.array(valued.rate == NO_RATE), "fx without a rate", told)
