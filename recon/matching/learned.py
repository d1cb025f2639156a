"""Pass 3 with weights learned from the rows: for files without keys, where amounts, dates and texts all differ.

1. *Candidates* (`wide`), further apart than one would set a rule.
2. *Weights* (`weights`) of the named levels of each comparison (`levels`), from the candidates alone (`teaching`).
3. *One optimal one-to-one choice* (`assignment`) of the pairs that are likelier than none.
4. *Tiers.* The odds of a pair against all rivals of either row, and against there being no partner, give the chance
   that it is wrong (`chances`). Pairs are booked from the surest down as long as these chances are `TARGET_ERROR` in
   the mean, and none is above one in ten; the rest is suggested, with its likely rivals. No threshold is set for a
   pair of files. Where there were fewer than `FEWEST` matches to learn from, nothing is booked: the weights are a
   general idea.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from recon.matching.arrays import NONE, Flags, Ints, run_starts
from recon.matching.board import Board, Candidates, Weighing
from recon.matching.chances import chances
from recon.matching.columns import Columns
from recon.matching.known import Known
from recon.matching.levels import Numbers
from recon.matching.strings import hashes, texts
from recon.matching.teaching import no_partner, taught
from recon.matching.wide import WidePairs, wide_net
from recon.matching.wording import Wording
from recon.model.outcome import Pass

TARGET_ERROR: Final = 0.0005
"""Mean chance of being wrong that booked pairs may have."""
_WORST_ERROR: Final = 0.1
"""Chance of being wrong that any one of them may have."""
FEWEST: Final = 50
"""Matches, known or found, from which weights are learned rather than assumed."""

_LIKELY_RIVAL: Final = 0.05


def learned_pass(board: Board) -> None:
    """Book what is sure enough among the free rows, suggest what is likely."""
    weighed = weigh(board)
    if weighed is not None:
        _settle(board, weighed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The candidates among the free rows and their scores. `gain`: of the score over that of no partner, 1,000 to the
    unit; `contents`: of each rank, equal for rows alike in all that is compared; `weighing` says how each came about,
    and its chance to be right; `is_learned`: from enough matches."""

    pairs: WidePairs
    score: Numbers
    gain: Ints
    contents: tuple[Ints, Ints]
    weighing: Weighing
    is_learned: bool


def weigh(board: Board) -> Weighed | None:
    """Learn the weights and apply them; None where there are no candidates. Decides nothing."""
    known = Known.of(board)
    ranks = zip(known.ranks(), (board.free_source(), board.free_reference()), strict=True)
    wording = Wording(board, *(np.union1d(booked, free) for booked, free in ranks))
    net = wide_net(board, wording)
    if not len(net.best):
        return None
    lesson = taught(board, wording, known, net)
    board.report("scored: weigh", board.decided_count(), board.row_count)
    score = lesson.weights.scores(lesson.levels)
    odds = score - no_partner(net, lesson.free)
    contents = _contents(board.source), _contents(board.reference)
    chance = chances((net.best.source, net.best.reference), contents, odds)
    return Weighed(
        pairs=net.best,
        score=score,
        gain=np.rint(odds * 1000).astype(np.int64),
        contents=contents,
        weighing=Weighing(weights=lesson.weights.of, levels=lesson.levels, habits=lesson.habits, chance=chance),
        is_learned=lesson.match_count >= FEWEST,
    )


def _contents(side: Columns) -> Ints:
    """Of each rank a number, equal for rows alike in key, text and counterparty."""
    party = hashes(texts(side.party))[side.row]
    order = np.lexsort((party, side.content))
    content = np.zeros(len(order), np.int64)
    content[run_starts(side.content[order], party[order])] = 1
    content[order] = np.cumsum(content)
    return content


def _settle(board: Board, weighed: Weighed) -> None:
    """Choose, and book or suggest each chosen pair."""
    pairs, weighing = weighed.pairs, weighed.weighing
    worth = np.flatnonzero(weighed.gain > 0)
    if not len(worth):
        return
    candidates = Candidates(
        source=pairs.source[worth],
        reference=pairs.reference[worth],
        similarity=pairs.similarity[worth],
        utility=weighed.gain[worth],
    )
    best = board.best_choice(Pass.SCORED, candidates, contents=weighed.contents)
    chosen, tied = worth[best.booked], worth[best.tied]
    sure = _sure(weighing.chance[chosen]) & weighed.is_learned
    at = chosen[sure]
    board.book(Pass.SCORED, pairs.source[at], pairs.reference[at], pairs.similarity[at], weighing.pick(at))
    at = np.union1d(np.union1d(chosen[~sure], tied), _rivals(board, weighed, chosen[~sure]))
    board.suggest(Pass.SCORED, pairs.source[at], pairs.reference[at], pairs.similarity[at], weighing.pick(at))


def _sure(chance: Numbers) -> Flags:
    """The surest pairs, as many as leave a mean chance of error within the target; equal chances stay together."""
    error = 1 - chance
    bars, count = np.unique(error, return_counts=True)
    mean = np.cumsum(bars * count) / np.cumsum(count)
    allowed = bars[(mean <= TARGET_ERROR) & (bars <= _WORST_ERROR)]
    result: Flags = error <= (allowed[-1] if len(allowed) else -1.0)
    return result


def _rivals(board: Board, weighed: Weighed, unsure: Ints) -> Ints:
    """Other likely pairs of the rows of unsure pairs, between rows that are still free."""
    if not len(unsure):
        return NONE
    pairs = weighed.pairs
    asked = np.isin(pairs.source, pairs.source[unsure]) | np.isin(pairs.reference, pairs.reference[unsure])
    free = board.source_free[pairs.source] & board.reference_free[pairs.reference]
    return np.flatnonzero(asked & free & (weighed.weighing.chance >= _LIKELY_RIVAL))
