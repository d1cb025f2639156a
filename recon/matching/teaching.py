"""How the weights of the learned scoring come about: expectation-maximisation without labels, in a few rounds.

Each round, the pairs that are the best of both their rows and likelier than no partner at all are taken for matches.
They show what the two files make a habit of (`habits`), and teach the weights that choose the pairs of the next round.
The first weights are a general idea, and what pairs booked by earlier passes look like (`known`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from recon.matching.arrays import Flags, Ints
from recon.matching.board import Board
from recon.matching.habits import Habits, usual_fees
from recon.matching.known import Known
from recon.matching.levels import SCALES, Levels, Numbers, day_levels, levels_of, money_levels
from recon.matching.weights import Weights, information, learned, picked, prior
from recon.matching.wide import WideNet, WidePairs
from recon.matching.wording import Wording

_ROUNDS: Final = 5
_FEWEST_FREE, _MOST_FREE = 0.01, 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """The weights, the levels of the best pairs of the net, what is usual, the share of rows without a partner, and
    from how many matches all this was learned."""

    weights: Weights
    levels: Levels
    habits: Habits
    free: float
    match_count: int


def taught(board: Board, wording: Wording, known: Known, net: WideNet) -> Taught:
    """Learn from the candidates of the net, and from pairs already known."""
    habits = _habits(board, known, net.best, net.sample)
    levels, sample = (levels_of(board, wording, pairs, habits) for pairs in (net.best, net.sample))
    before = prior(known.levels(board, wording, habits))
    pairs, others = _codes(board, net.best), _codes(board, net.sample)
    matches, free = np.zeros(len(net.best), np.bool_), 0.1
    weights = learned(before, picked(levels, matches), picked(sample, np.zeros(len(net.sample), np.bool_)))
    for _ in range(_ROUNDS):
        matches, free = _matches(net, weights.scores(levels), free)
        is_other = ~np.isin(others, pairs[matches])
        now = _habits(board, known, net.best.pick(matches), net.sample.pick(is_other))
        if now != habits:
            habits = now
            levels, sample = (
                (*money_levels(board, of, habits), *old[2:]) for of, old in ((net.best, levels), (net.sample, sample))
            )
            before = prior(known.levels(board, wording, habits))
        weights = learned(before, picked(levels, matches), picked(sample, is_other))
    count = int(np.count_nonzero(matches)) + len(known.named)
    return Taught(weights=weights, levels=levels, habits=habits, free=free, match_count=count)


def _habits(board: Board, known: Known, matches: WidePairs, others: WidePairs) -> Habits:
    """What these matches, and the pairs an id ties, have in the habit of."""
    source = np.concatenate([known.named.source, matches.source])
    reference = np.concatenate([known.named.reference, matches.reference])
    calendar, working = (
        information(
            SCALES[1],
            day_levels(board, source, reference, is_working_days=way),
            day_levels(board, others.source, others.reference, is_working_days=way),
        )
        for way in (False, True)
    )
    fees = usual_fees(board.source.amount[source], board.reference.amount[reference])
    return Habits(fees=fees, is_working_days=working > calendar)


def _codes(board: Board, pairs: WidePairs) -> Ints:
    result: Ints = pairs.source * len(board.reference) + pairs.reference
    return result


def _matches(net: WideNet, score: Numbers, free: float) -> tuple[Flags, float]:
    """(pairs taken for matches by these scores, the share of rows that leaves without a partner)."""
    matches = best_of(net.best.source, score) & best_of(net.best.reference, score)
    matches &= score > no_partner(net, free)
    fewer = min(np.count_nonzero(net.source_count), np.count_nonzero(net.reference_count))
    return matches, min(max(1 - np.count_nonzero(matches) / fewer, _FEWEST_FREE), _MOST_FREE)


def best_of(end: Ints, score: Numbers) -> Flags:
    """Pairs that have the best score of their end."""
    best = np.full(int(end.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, end, score)
    result: Flags = score == best[end]
    return result


def no_partner(net: WideNet, free: float) -> Numbers:
    """The score at which a pair is as likely as that its rows have no partner: mean of both ends."""
    one, other = bars(net, free)
    return np.asarray((one[net.best.source] + other[net.best.reference]) / 2)


def bars(net: WideNet, free: float) -> tuple[Numbers, Numbers]:
    """That score for each rank of either side: the more candidates it had, the better one of them is by chance."""
    odds = float(np.log(free / (1 - free)))
    return (
        odds + np.log(np.maximum(net.source_count, 1)),
        odds + np.log(np.maximum(net.reference_count, 1)),
    )
