"""The best one-to-one choice among scored edges, and which of its pairs are the only best choice.

The rule kept: the total utility is the greatest there is, and a pair that some other choice of the same total would
not make is not booked (`ties` says which). Both are properties of the edges alone, not of the order they come in or of
which side is called source.

How. Connected components are independent. A single edge is its own answer. Components up to `COMPONENT_LIMIT` edges
are solved exactly (scipy's sparse Jonker-Volgenant) with a private dummy column a row for "stay free". Larger ones are
thinned to the edges within a margin of the best of both their ends, solved, and what stays free goes round again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from recon.matching.arrays import NONE, Ints, order_of, run_starts, spans
from recon.matching.edges import Edges, components
from recon.matching.ties import ties_apart

COMPONENT_LIMIT: Final = 20_000
_BATCH: Final = 3_000
_MARGINS: Final = (30_000, 20_000, 15_000, 10_000, 5_000, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Positions of edges: booked (each end once), and tied (equally good choices, both ends' partners shown)."""

    booked: Ints
    tied: Ints


def assign(edges: Edges, tick: Callable[[], None] = lambda: None) -> Assignment:
    """The optimal one-to-one assignment of these edges, with its ties apart. No pair may occur twice.

    `tick` is called between batches, and may raise.
    """
    if not len(edges):
        return Assignment(booked=NONE, tied=NONE)
    source_degree = np.bincount(edges.source)
    reference_degree = np.bincount(edges.reference)
    single = (source_degree[edges.source] == 1) & (reference_degree[edges.reference] == 1)
    rest = np.flatnonzero(~single)
    booked, tied = [np.flatnonzero(single)], [NONE]
    while len(rest):
        chosen, solved = _solve(edges, rest, tick)
        tick()
        kept, ambiguous = ties_apart(edges, solved, chosen)
        tick()
        booked.append(kept)
        tied.append(ambiguous)
        rest = _still_free(edges, rest, np.concatenate([kept, ambiguous]))
        rest = rest[~np.isin(rest, solved)]
    return Assignment(booked=np.sort(np.concatenate(booked)), tied=np.sort(np.concatenate(tied)))


def _still_free(edges: Edges, rest: Ints, taken: Ints) -> Ints:
    """Edges of `rest` neither of whose ends is an end of a taken one."""
    source_free = np.ones(len(edges.source_content), np.bool_)
    reference_free = np.ones(len(edges.reference_content), np.bool_)
    source_free[edges.source[taken]] = False
    reference_free[edges.reference[taken]] = False
    return rest[source_free[edges.source[rest]] & reference_free[edges.reference[rest]]]


def _solve(
    edges: Edges, live: Ints, tick: Callable[[], None], margins: tuple[int, ...] = _MARGINS
) -> tuple[Ints, Ints]:
    """(chosen edges, edges that were solved exactly) among `live`; large components only as far as they are thinned."""
    label = components(edges, live)
    order = order_of(label)
    live, label = live[order], label[order]
    start = run_starts(label)
    count = np.diff(start, append=len(live))
    large = count > COMPONENT_LIMIT if margins else np.zeros(len(count), np.bool_)
    small = live[spans(start[~large], count[~large])]
    chosen, solved = [_solved(edges, small, np.cumsum(count[~large]), tick)], [small]
    if large.any():
        thinned = _within_margin(edges, live[spans(start[large], count[large])], margins[0])
        more, exactly = _solve(edges, thinned, tick, margins[1:])
        chosen.append(more)
        solved.append(exactly)
    return np.concatenate(chosen), np.concatenate(solved)


def _within_margin(edges: Edges, live: Ints, margin: int) -> Ints:
    """The edges within `margin` of the best edge of both their ends. Never empty: the best edge of all stays."""
    source, reference, utility = edges.source[live], edges.reference[live], edges.utility[live]
    source_best = np.zeros(len(edges.source_content), np.int64)
    reference_best = np.zeros(len(edges.reference_content), np.int64)
    np.maximum.at(source_best, source, utility)
    np.maximum.at(reference_best, reference, utility)
    return live[(utility >= source_best[source] - margin) & (utility >= reference_best[reference] - margin)]


def _solved(edges: Edges, live: Ints, ends: Ints, tick: Callable[[], None]) -> Ints:
    """Chosen edges of whole components (`ends`: where each ends in `live`), some thousand edges a solver call."""
    chosen = [NONE]
    done = 0
    while done < len(ends):
        begin = int(ends[done - 1]) if done else 0
        upto = max(done + 1, int(np.searchsorted(ends, begin + _BATCH, side="right")))
        batch = live[begin : ends[upto - 1]]
        chosen.append(batch[_optimal(edges.source[batch], edges.reference[batch], edges.utility[batch])])
        done = upto
        tick()
    return np.concatenate(chosen)


def _optimal(source: Ints, reference: Ints, utility: Ints) -> Ints:
    """Positions of the edges of the one-to-one choice with the greatest total; a row may stay free at no cost."""
    sources, source = np.unique(source, return_inverse=True)
    references, reference = np.unique(reference, return_inverse=True)
    rows, columns = len(sources), len(references)
    free = float(utility.max()) + 1.0  # every stored weight is above 0, as the solver wants
    weights = np.concatenate([free - utility, np.full(rows, free)])
    places = (np.concatenate([source, np.arange(rows)]), np.concatenate([reference, columns + np.arange(rows)]))
    row, column = min_weight_full_bipartite_matching(csr_array((weights, places), shape=(rows, columns + rows)))
    real = column < columns
    code = source * columns + reference
    order = np.argsort(code)
    wanted = row[real].astype(np.int64) * columns + column[real]
    result: Ints = order[np.searchsorted(code[order], wanted)]
    return result
