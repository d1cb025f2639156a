"""Pass 3, and the last step of pass 2: pairs within tolerance, window and similarity, by one optimal assignment.

Works on contents (sets of interchangeable rows) until the last moment, so a text that ten thousand rows share is
compared once. Only then are the best pairs of contents unfolded into pairs of rows: each row gets a few partners
within the other content, each starting at its own place, so that k equal rows can all meet k equal rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from recon.matching.arrays import NONE, Flags, Floats, Ints, order_of, run_starts, spans, unique_pairs
from recon.matching.blocking import Block, Contents, blocks, contents
from recon.matching.board import Board, Candidates
from recon.matching.comparisons import (
    CROWDED_FLOOR,
    NOT_COMPARED,
    TEXT_FLOOR,
    Closeness,
    Pairs,
    closeness,
    utilities,
)
from recon.matching.crew import Excerpt, TextColumns
from recon.matching.similarity import TextComparison
from recon.matching.tolerance import Tolerance
from recon.model.outcome import Pass
from recon.model.rules import Rules

_BEST: Final = 24
"""Pairs of contents kept for each content, best first."""
_WIDTH: Final = 4
"""Partners a row gets within one other content."""
_HELD: Final = 4_000_000
"""Pairs of contents held before they are thinned to the best; thinning early or late gives the same."""


def scored_pass(board: Board) -> None:
    """Pair what is near enough in amount, date and text; exact keys may have a poorer text than the rules ask for."""
    floor = min(board.rules.description_threshold, CROWDED_FLOOR)
    _settle(board, Pass.SCORED, board.rules, board.free_source(), board.free_reference(), floor)


def settle_exact_keys(board: Board, source: Ints, reference: Ints, floor: int) -> None:
    """Pair these free rows where key and text (at least `floor`) agree, before the windows open."""
    rules = Rules(days_before=0, days_after=0, description_threshold=floor)
    _settle(board, Pass.EXACT, rules, source, reference, floor)


def _settle(board: Board, by: Pass, rules: Rules, sources: Ints, references: Ints, floor: int) -> None:
    """The best one-to-one choice among these ranks; texts below `floor` are not worth a look."""
    if not len(sources) or not len(references):
        return
    source, reference = contents(board.source, sources), contents(board.reference, references)
    search = _Search(
        source=source,
        reference=reference,
        columns=(board.source, board.reference),
        rules=rules,
        floor=floor,
        silent=by is Pass.SCORED,
    )
    weighed = _best_pairs(board, search, f"{by}: compare texts")
    if len(weighed.utility):
        board.settle(by, unfolded(source, reference, weighed.pairs, weighed.utility))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Weighed:
    """Pairs of contents and the utility of each."""

    pairs: Pairs
    utility: Ints

    def moved(self, source: int, reference: int) -> _Weighed:
        """Of a part whose contents begin at these places."""
        pairs = replace(self.pairs, source=self.pairs.source + source, reference=self.pairs.reference + reference)
        return _Weighed(pairs=pairs, utility=self.utility)


def _unwatched(_: float) -> None:
    """Nobody watches."""


def _best_pairs(board: Board, search: _Search, stage: str) -> _Weighed:
    """The best acceptable pairs of every content: searched here as a whole, or by a crew in parts."""
    decided = board.decided_count()
    left = board.row_count - decided

    def watch(share: float) -> None:
        board.report(stage, decided + int(left * share), board.row_count)

    if board.crew is None:
        return search.do(board.threads, watch)
    parts = search.parts(board.crew.row_count)
    found = board.done(stage, [part for part, _ in parts])
    return _thinned([one.moved(*begin) for one, (_, begin) in zip(found, parts, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Search:
    """The search for partners among contents. `silent`: an exact key may have a missing text."""

    source: Contents
    reference: Contents
    columns: tuple[TextColumns, TextColumns]
    rules: Rules
    floor: int
    silent: bool

    def do(self, threads: int = 1, watch: Callable[[float], None] = _unwatched) -> _Weighed:
        """The best acceptable pairs of every content, sorted by (source, reference); `watch` hears the share done."""
        progress = _Watch(watch, self.rules.days_before + self.rules.days_after + 1)
        comparison = TextComparison(
            self.columns[0].forms.at(self.source.rows[self.source.start]),
            self.columns[1].forms.at(self.reference.rows[self.reference.start]),
            floor=self.floor,
            threads=threads,
            tick=progress.tick,
        )
        offsets = range(-self.rules.days_before, self.rules.days_after + 1)
        held: list[_Weighed] = []
        for block in progress.each(blocks(self.source, self.reference, Tolerance.of(self.rules), offsets)):
            held.append(self._weighed(comparison.over(block)))
            if sum(len(part.utility) for part in held) > _HELD:
                held = [_thinned(held)]
        return _thinned(held)

    def parts(self, size: int) -> list[tuple[_Search, tuple[int, int]]]:
        """The search cut at keys into about `size` sources each, with the references of their days and of the window
        around them; and where the contents of each part begin."""
        source, reference = self.source, self.reference
        first = np.unique(np.searchsorted(source.key, source.key[::size]))
        last = np.append(first[1:], len(source)) - 1
        before, after = self.rules.days_before, self.rules.days_after
        begin = _places(reference, source.currency[first], source.day[first] - before)
        end = _places(reference, source.currency[last], source.day[last] + after + 1)
        cuts = zip(first.tolist(), (last + 1).tolist(), begin.tolist(), end.tolist(), strict=True)
        return [
            (replace(self, source=source.pick(np.arange(a, b)), reference=reference.pick(np.arange(c, d))), (a, c))
            for a, b, c, d in cuts
            if c < d
        ]

    def apart(self) -> _Search:
        """With one text of each content."""
        sides = zip(self.columns, (self.source, self.reference), strict=True)
        source, reference = (Excerpt.of(side, of.rows[of.start]) for side, of in sides)
        return replace(self, source=_lone(self.source), reference=_lone(self.reference), columns=(source, reference))

    def _weighed(self, pairs: Pairs) -> _Weighed:
        """The acceptable ones among these pairs."""
        near = closeness(self.source, self.reference, pairs, self.rules)
        good = self._acceptable(pairs, near)
        pairs, near = pairs.pick(good), near.pick(good)
        return _Weighed(pairs=pairs, utility=utilities(pairs, near, self.floor))

    def _acceptable(self, pairs: Pairs, near: Closeness) -> Flags:
        """Pairs the rules accept, and exact keys whose text does not speak against them; zeros need texts alike."""
        one, other = self.source.amount[pairs.source], self.reference.amount[pairs.reference]
        threshold = self.rules.description_threshold
        alike = (pairs.similarity >= threshold) | (threshold == 0)
        exact = near.is_exact & (((pairs.similarity == NOT_COMPARED) & self.silent) | (pairs.similarity >= self.floor))
        zeros = (one == 0) & (other == 0) & (pairs.similarity < TEXT_FLOOR)
        result: Flags = Tolerance.of(self.rules).accepts(one, other) & (alike | exact) & ~zeros
        return result


class _Watch:
    """The share done of comparing: each day of the window is an equal part of it."""

    def __init__(self, watch: Callable[[float], None], days: int) -> None:
        self._watch, self._days = watch, days
        self._day, self._done, self._pairs = 0, 0, 1

    def each(self, found: Iterator[Block]) -> Iterator[Block]:
        """The blocks, one at a time: a window of a year is never held whole."""
        for block in found:
            self._done, self._pairs = 0, int(block.pair_counts().sum())
            yield block
            self._day += 1

    def tick(self, pair_count: int) -> None:
        """So many pairs of the current day are done."""
        self._done += pair_count
        self._watch((self._day + min(self._done / self._pairs, 1)) / self._days)


def _places(of: Contents, currency: Ints, day: Ints) -> Ints:
    """Where the contents of this currency, from this day on, begin."""
    return np.asarray(
        [
            np.searchsorted(of.currency, code) + np.searchsorted(of.day[slice(*_span(of, code))], when)
            for code, when in zip(currency.tolist(), day.tolist(), strict=True)
        ],
        np.int64,
    )


def _span(of: Contents, currency: int) -> tuple[int, int]:
    """Where the contents of a currency begin and end."""
    return int(np.searchsorted(of.currency, currency)), int(np.searchsorted(of.currency, currency, "right"))


def _lone(of: Contents) -> Contents:
    """Each content as a row of its own."""
    place = np.arange(len(of))
    return replace(of, rows=place, start=place, count=np.ones(len(of), np.int64))


def _thinned(held: list[_Weighed]) -> _Weighed:
    """The best pairs of every content of either side, sorted by (source, reference)."""
    source = np.concatenate([NONE, *(part.pairs.source for part in held)])
    reference = np.concatenate([NONE, *(part.pairs.reference for part in held)])
    similarity: Floats = np.concatenate([np.zeros(0, np.float32), *(part.pairs.similarity for part in held)])
    utility = np.concatenate([NONE, *(part.utility for part in held)])
    is_best = np.zeros(len(utility), np.bool_)
    is_best[_best(source, reference, utility)] = True
    is_best[_best(reference, source, utility)] = True
    kept = np.flatnonzero(is_best)
    kept = kept[order_of(source[kept], reference[kept])]
    pairs = Pairs(source=source[kept], reference=reference[kept], similarity=similarity[kept])
    return _Weighed(pairs=pairs, utility=utility[kept])


def unfolded(source: Contents, reference: Contents, pairs: Pairs, utility: Ints) -> Candidates:
    """The best pairs of contents as pairs of rows, ready to be assigned."""
    forward = _best(pairs.source, pairs.reference, utility)
    backward = _best(pairs.reference, pairs.source, utility)
    one, other, at = _rows_of(source, reference, pairs.source, pairs.reference, forward)
    back_other, back_one, back_at = _rows_of(reference, source, pairs.reference, pairs.source, backward)
    one, other = np.concatenate([one, back_one]), np.concatenate([other, back_other])
    at = np.concatenate([at, back_at])
    once = unique_pairs(one, other, utility[at])
    at = at[once]
    return Candidates(source=one[once], reference=other[once], similarity=pairs.similarity[at], utility=utility[at])


def _best(end: Ints, partner: Ints, utility: Ints) -> Ints:
    """Positions of the _BEST pairs of every end, in order of (end, partner); of equals the first partners."""
    is_best = np.ones(len(end), np.bool_)
    at = np.flatnonzero(np.bincount(end)[end] > _BEST)
    order = at[order_of(end[at], -utility[at], partner[at])]
    start = run_starts(end[order])
    place = np.arange(len(order)) - np.repeat(start, np.diff(start, append=len(order)))
    is_best[order[place >= _BEST]] = False
    kept = np.flatnonzero(is_best)
    return kept[order_of(end[kept], partner[kept])]


def _rows_of(own: Contents, other: Contents, own_at: Ints, other_at: Ints, kept: Ints) -> tuple[Ints, Ints, Ints]:
    """(own rank, other rank, pair) for each row of each kept pair of contents, sorted by own content.

    Row number p of a content meets rows p, p + 1, ... of the other content, shifted by the rows of the contents that
    met the same other content before it, so that equal contents do not all ask for the same rows.
    """
    mine, theirs = own_at[kept], other_at[kept]
    height, width = own.count[mine], other.count[theirs]
    shift = _before(theirs, height)
    pair = np.repeat(np.arange(len(kept)), height)
    place = spans(np.zeros(len(kept), np.int64), height)
    steps = np.minimum(width[pair], _WIDTH)
    step = spans(np.zeros(len(pair), np.int64), steps)
    pair, place = np.repeat(pair, steps), np.repeat(place, steps)
    own_row = own.rows[own.start[mine[pair]] + place]
    other_row = other.rows[other.start[theirs[pair]] + (place + shift[pair] + step) % width[pair]]
    return own_row, other_row, kept[pair]


def _before(group: Ints, size: Ints) -> Ints:
    """For each entry, the sizes of the earlier entries of its group added up."""
    order = order_of(group)
    total = np.cumsum(size[order]) - size[order]
    start = run_starts(group[order])
    inside = total - np.repeat(total[start], np.diff(start, append=len(order)))
    shift = np.empty(len(group), np.int64)
    shift[order] = inside
    return shift
