"""Rows of different currencies without a common id: near the rate and in date, and alike in text.

Every source is looked for at what it comes to in each other currency, by the rate of the day in question, among the
references near that amount: sorted ranges, as for one currency. The choice is one-to-one and the best of all; two
equally good ones are a suggestion.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

import numpy as np

from recon.matching.arrays import NONE, Floats, Ints
from recon.matching.blocking import Contents, blocks, contents
from recon.matching.board import Board
from recon.matching.comparisons import NOT_COMPARED, Pairs, day_closeness
from recon.matching.fx.pairs import FxPairs, by_text, rivals_of, suggest
from recon.matching.scored import unfolded
from recon.matching.similarity import TextComparison
from recon.matching.tolerance import Tolerance
from recon.model.fx import NO_RATE, Legs, Valued, rate_days
from recon.model.outcome import Pass

_NOWHERE: Final = -1
"""A currency no row has."""

Found = tuple[Ints, Ints, Floats]


def book_alike(board: Board) -> None:
    """Book the free rows of different currencies that agree by rate, date and text."""
    source, reference = (
        contents(side, free[side.amount[free] != 0])
        for side, free in ((board.source, board.free_source()), (board.reference, board.free_reference()))
    )
    found = [(NONE, NONE, np.zeros(0, np.float32)), *_found(board, source, reference)]
    one, other, similarity = (np.concatenate(column) for column in zip(*found, strict=True))
    pairs = Pairs(source=one, reference=other, similarity=similarity)
    valued = board.rules.fx.value(board.currencies, _legs(source).pick(one), _legs(reference).pick(other))
    days = reference.day[other] - source.day[one]
    candidates = unfolded(source, reference, pairs, _utility(board, pairs, valued, days))
    if not len(candidates.source):
        return
    best = board.best_choice(Pass.FX, candidates)
    for at, is_clear in ((best.booked, True), (best.tied, False)):
        chosen, alike = FxPairs.of(board, candidates.source[at], candidates.reference[at]), candidates.similarity[at]
        rivals = np.ones(len(at), np.int64) if is_clear else rivals_of(chosen.source, chosen.reference)
        said = by_text(board, chosen, alike, rivals)
        if is_clear:
            board.book(Pass.FX, chosen.source, chosen.reference, alike, particulars=said)
        else:
            suggest(board, chosen, alike, said)
    board.report("fx: amounts at the rate", board.decided_count(), board.row_count)


def _found(board: Board, source: Contents, reference: Contents) -> Iterator[Found]:
    """Pairs of contents that agree, and the similarity of their texts, currency by currency."""
    for target in np.unique(reference.currency).tolist():
        known = [rate.pair for rate in board.rules.fx.rates if board.currencies[target] in rate.pair]
        others = [code for code, name in enumerate(board.currencies) if any(name in pair for pair in known)]
        mine = np.flatnonzero(np.isin(source.currency, others) & (source.currency != target))
        theirs = np.flatnonzero(reference.currency == target)
        if len(mine):
            for one, other, similarity in _in_currency(board, source.pick(mine), reference.pick(theirs), target):
                yield mine[one], theirs[other], similarity


def _in_currency(board: Board, source: Contents, reference: Contents, target: int) -> Iterator[Found]:
    """The same among references of one currency, day by day of the window."""
    rules, asked = board.rules, board.rules.description_threshold
    comparison = TextComparison(
        board.source.forms.at(source.rows[source.start]),
        board.reference.forms.at(reference.rows[reference.start]),
        floor=asked,
        threads=board.threads,
        tick=lambda _: board.report("fx: compare texts", board.decided_count(), board.row_count),
    )
    wide = _wide(board, target)
    for offset in range(-rules.days_before, rules.days_after + 1):
        day = rate_days(source.day, source.day + offset)
        legs = Legs(currency=source.currency, day=day, amount=source.amount)
        amount, rate = rules.fx.convert(board.currencies, legs, np.full(len(source), target))
        moved = replace(source, amount=amount, currency=np.where(rate == NO_RATE, _NOWHERE, target))
        for block in blocks(moved, reference, wide, range(offset, offset + 1)):
            pairs = comparison.over(block)
            pairs = pairs.pick((pairs.similarity >= asked) | (asked == 0))
            valued = rules.fx.value(
                board.currencies, _legs(source).pick(pairs.source), _legs(reference).pick(pairs.reference)
            )
            pairs = pairs.pick(valued.is_within)
            yield pairs.source, pairs.reference, pairs.similarity


def _wide(board: Board, target: int) -> Tolerance:
    """More than any pair within the tolerance differs by, with what both amounts may have been rounded by.

    A tolerance is the larger of its two parts, so each of them is taken twice.
    """
    name = board.currencies[target]
    rounding = max(rate.ratio(name) for rate in board.rules.fx.rates if name in rate.pair)
    return Tolerance(minor=2 * (int(rounding) + 2), part=Fraction(board.rules.fx_tolerance_bps, 5_000))


def _legs(side: Contents) -> Legs:
    return Legs(currency=side.currency, day=side.day, amount=side.amount)


def _utility(board: Board, pairs: Pairs, valued: Valued, days: Ints) -> Ints:
    """As for one currency: a point of similarity is 1,000; the whole tolerance and window are worth ten points each."""
    text = np.where(pairs.similarity == NOT_COMPARED, 50.0, pairs.similarity.astype(np.float64))
    far = np.minimum(valued.bps / (board.rules.fx_tolerance_bps + 1), 1)
    points = text + 30 - 10 * far**2 - 10 * (1 - day_closeness(days, board.rules)) ** 2
    result: Ints = np.rint(points * 1000).astype(np.int64)
    return result
