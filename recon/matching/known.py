"""What matches look like, as far as earlier passes have found some: their levels, for the weights to begin with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from recon.matching.arrays import NONE, Ints
from recon.matching.board import Board
from recon.matching.catch import FURTHEST_DAYS, FURTHEST_PART
from recon.matching.comparisons import similarities
from recon.matching.habits import Habits
from recon.matching.levels import Levels, levels_of
from recon.matching.wide import WidePairs, compared
from recon.matching.wording import Wording, plain_forms
from recon.model.outcome import MatchStatus, Pass

_AT_MOST: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Booked pairs of ranks, some evenly spread ones of many: `named` by an id, and of one `exact` key."""

    named: WidePairs
    exact: WidePairs

    @classmethod
    def of(cls, board: Board) -> Known:
        """The pairs the earlier passes booked."""
        return cls(named=_booked(board, Pass.IDENTITY), exact=_booked(board, Pass.EXACT))

    def ranks(self) -> tuple[Ints, Ints]:
        """Ranks of their sources, and of their references."""
        return (
            np.concatenate([self.named.source, self.exact.source]),
            np.concatenate([self.named.reference, self.exact.reference]),
        )

    def levels(self, board: Board, wording: Wording, habits: Habits) -> Levels:
        """Levels of amount and date of those an id ties, of texts of all: an exact key would teach its own level."""
        named = levels_of(board, wording, self.named, habits)
        exact = levels_of(board, wording, self.exact, habits)
        texts = (np.concatenate(both) for both in zip(named[2:], exact[2:], strict=True))
        return *named[:2], *texts


def _booked(board: Board, by: Pass) -> WidePairs:
    """Pairs this pass booked that the wide net could have caught."""
    parts = [part for part in board.found if part.by is by and part.status is MatchStatus.MATCHED]
    source = np.concatenate([NONE, *(part.source for part in parts)])
    reference = np.concatenate([NONE, *(part.reference for part in parts)])
    order = np.argsort(source)
    source, reference = source[order], reference[order]
    one, other = board.source.amount[source], board.reference.amount[reference]
    near = np.abs(one - other) <= float(FURTHEST_PART) * np.maximum(np.abs(one), np.abs(other))
    near &= np.abs(board.reference.day[reference] - board.source.day[source]) <= FURTHEST_DAYS
    at = np.flatnonzero(near)[:: len(source) // _AT_MOST + 1]
    source, reference = source[at], reference[at]
    forms = plain_forms(board.source.texts_at(source)), plain_forms(board.reference.texts_at(reference))
    return compared(board, source, reference, similarities(*forms, board.threads))
