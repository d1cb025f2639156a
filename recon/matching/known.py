"""What matches look like, as far as earlier passes have found some: their levels, for the weights to begin with."""

from __future__ import annotations

from typing import Final

import numpy as np

from recon.matching.arrays import NONE, Ints
from recon.matching.board import Board
from recon.matching.comparisons import similarities
from recon.matching.levels import Levels, levels_of
from recon.matching.wide import FURTHEST_DAYS, FURTHEST_PART, compared, plain_forms
from recon.model.outcome import MatchStatus, Pass

_AT_MOST: Final = 2_000


def known_levels(board: Board) -> Levels:
    """Levels of booked pairs: amounts and dates of those an id ties, texts of all; some evenly spread ones of many."""
    named, exact = _booked(board, Pass.IDENTITY), _booked(board, Pass.EXACT)
    amount, date, text = _levels(board, *named)
    return amount, date, np.concatenate([text, _levels(board, *exact)[2]])


def _booked(board: Board, by: Pass) -> tuple[Ints, Ints]:
    """Ranks of pairs this pass booked that the wide net could have caught."""
    parts = [part for part in board.found if part.by is by and part.status is MatchStatus.MATCHED]
    source = np.concatenate([NONE, *(part.source for part in parts)])
    reference = np.concatenate([NONE, *(part.reference for part in parts)])
    order = np.argsort(source)
    source, reference = source[order], reference[order]
    one, other = board.source.amount[source], board.reference.amount[reference]
    near = np.abs(one - other) <= float(FURTHEST_PART) * np.maximum(np.abs(one), np.abs(other))
    near &= np.abs(board.reference.day[reference] - board.source.day[source]) <= FURTHEST_DAYS
    at = np.flatnonzero(near)[:: len(source) // _AT_MOST + 1]
    return source[at], reference[at]


def _levels(board: Board, source: Ints, reference: Ints) -> Levels:
    if not len(source):
        return NONE, NONE, NONE
    forms = plain_forms(board.source, source), plain_forms(board.reference, reference)
    return levels_of(board, compared(board, source, reference, forms, similarities(*forms, board.threads)))
