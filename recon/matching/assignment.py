"""The best one-to-one choice among scored edges, and which of its pairs are the only best choice.

The rule kept: the total utility is the greatest there is, and a pair that some other choice of the same total would
not make is not booked (unless only interchangeable rows change places). Which rows that concerns is a property of the
edges alone, not of the order they come in or of which side is called source.

How. Connected components are independent. A single edge is its own answer. Components up to `COMPONENT_LIMIT` edges
are solved exactly (scipy's sparse Jonker-Volgenant) with a private dummy column a row for "stay free". Larger ones are
thinned to the edges within a margin of the best of both their ends, solved, and what stays free goes round again.

Only best choice or not: in the residual graph of an optimal assignment, another one of equal total exists exactly
where there is a cycle of cost zero. Shortest-path potentials (Bellman-Ford, whole columns a step) turn that into "arcs
of reduced cost zero", and the strongly connected components of those are the rows that could change partners.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching

from recon.matching.arrays import NONE, Flags, Ints, run_starts, spans

COMPONENT_LIMIT: Final = 20_000
_BATCH: Final = 3_000
_MARGINS: Final = (30_000, 20_000, 15_000, 10_000, 5_000, 0)
_SHOWN: Final = 5
_ROUNDS: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Edges:
    """Possible pairs. Ends are dense numbers in canonical order; utilities are whole and above 0.

    `source_content`/`reference_content` are indexed by end: ends of equal content are interchangeable.
    """

    source: Ints
    reference: Ints
    utility: Ints
    source_content: Ints
    reference_content: Ints
    source_has_text: Flags
    reference_has_text: Flags

    def __len__(self) -> int:
        return len(self.source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """Positions of edges: booked (each end once), and tied (equally good choices, both ends' partners shown)."""

    booked: Ints
    tied: Ints


def assign(edges: Edges) -> Assignment:
    """The optimal one-to-one assignment of these edges, with its ties apart. No pair may occur twice."""
    if not len(edges):
        return Assignment(booked=NONE, tied=NONE)
    source_degree = np.bincount(edges.source)
    reference_degree = np.bincount(edges.reference)
    single = (source_degree[edges.source] == 1) & (reference_degree[edges.reference] == 1)
    rest = np.flatnonzero(~single)
    booked, tied = [np.flatnonzero(single)], [NONE]
    while len(rest):
        chosen, solved = _solve(edges, rest)
        kept, ambiguous = _apart(edges, solved, chosen)
        booked.append(kept)
        tied.append(ambiguous)
        rest = _still_free(edges, rest, np.concatenate([chosen, ambiguous]))
        rest = rest[~np.isin(rest, solved)]
    return Assignment(booked=np.sort(np.concatenate(booked)), tied=np.sort(np.concatenate(tied)))


def _still_free(edges: Edges, rest: Ints, taken: Ints) -> Ints:
    """Edges of `rest` neither of whose ends is an end of a taken one."""
    source_free = np.ones(len(edges.source_content), np.bool_)
    reference_free = np.ones(len(edges.reference_content), np.bool_)
    source_free[edges.source[taken]] = False
    reference_free[edges.reference[taken]] = False
    return rest[source_free[edges.source[rest]] & reference_free[edges.reference[rest]]]


def _solve(edges: Edges, live: Ints, margins: tuple[int, ...] = _MARGINS) -> tuple[Ints, Ints]:
    """(chosen edges, edges that were solved exactly) among `live`; large components only as far as they are thinned."""
    label = _components(edges, live)
    order = np.argsort(label, kind="stable")
    live, label = live[order], label[order]
    start = run_starts(label)
    count = np.diff(start, append=len(live))
    large = count > COMPONENT_LIMIT if margins else np.zeros(len(count), np.bool_)
    small = live[spans(start[~large], count[~large])]
    chosen, solved = [_solved(edges, small, np.cumsum(count[~large]))], [small]
    if large.any():
        thinned = _within_margin(edges, live[spans(start[large], count[large])], margins[0])
        more, exactly = _solve(edges, thinned, margins[1:])
        chosen.append(more)
        solved.append(exactly)
    return np.concatenate(chosen), np.concatenate(solved)


def _components(edges: Edges, live: Ints) -> Ints:
    """The connected component of each live edge, numbered in canonical order of their first source."""
    sources, source = np.unique(edges.source[live], return_inverse=True)
    references, reference = np.unique(edges.reference[live], return_inverse=True)
    size = len(sources) + len(references)
    graph = csr_array((np.ones(len(live), np.int8), (source, reference + len(sources))), shape=(size, size))
    label = connected_components(graph, directed=False)[1]
    result: Ints = label[source].astype(np.int64)
    return result


def _within_margin(edges: Edges, live: Ints, margin: int) -> Ints:
    """The edges within `margin` of the best edge of both their ends. Never empty: the best edge of all stays."""
    source, reference, utility = edges.source[live], edges.reference[live], edges.utility[live]
    source_best = np.zeros(len(edges.source_content), np.int64)
    reference_best = np.zeros(len(edges.reference_content), np.int64)
    np.maximum.at(source_best, source, utility)
    np.maximum.at(reference_best, reference, utility)
    return live[(utility >= source_best[source] - margin) & (utility >= reference_best[reference] - margin)]


def _solved(edges: Edges, live: Ints, ends: Ints) -> Ints:
    """Chosen edges of whole components (`ends`: where each ends in `live`), some thousand edges a solver call."""
    chosen = [NONE]
    done = 0
    while done < len(ends):
        begin = int(ends[done - 1]) if done else 0
        upto = max(done + 1, int(np.searchsorted(ends, begin + _BATCH, side="right")))
        batch = live[begin : ends[upto - 1]]
        chosen.append(batch[_optimal(edges.source[batch], edges.reference[batch], edges.utility[batch])])
        done = upto
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


def _apart(edges: Edges, live: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """(chosen edges to book, tied edges to show) of components solved exactly."""
    if not len(chosen):
        return NONE, NONE
    is_chosen = np.isin(live, chosen)
    circle = _exchange_circles(edges, live, is_chosen)
    moves = circle >= 0
    if not moves.any():
        return live[is_chosen], NONE
    open_circle = _coin_tosses(edges, live, is_chosen, circle)
    tossed = moves & open_circle[np.maximum(circle, 0)]
    booked = live[is_chosen & ~moves]
    swapped = _in_canonical_order(edges, live, is_chosen, np.where(tossed, -1, circle))
    return np.concatenate([booked, swapped]), _shown(edges, live[tossed], is_chosen[tossed])


def _exchange_circles(edges: Edges, live: Ints, is_chosen: Flags) -> Ints:
    """For each live edge that is in some but not in every best choice, the number of its exchange circle; else -1.

    Nodes: sources, references, and for each component two for "free", so that staying free is a partner too.
    """
    label = _components(edges, live)
    sources, source = np.unique(edges.source[live], return_inverse=True)
    references, reference = np.unique(edges.reference[live], return_inverse=True)
    rows, columns, parts = len(sources), len(references), int(label.max()) + 1
    reference = reference + rows
    part = np.zeros(rows + columns, np.int64)
    part[source], part[reference] = label, label
    matched = np.zeros(rows + columns, np.bool_)
    matched[source[is_chosen]] = matched[reference[is_chosen]] = True
    node = np.arange(rows + columns)
    is_source = node < rows
    no_reference, no_source = rows + columns + part, rows + columns + parts + part
    away = matched == is_source  # a matched source, or a free reference: the arc leads to its "free" node
    free_node = np.where(is_source, no_reference, no_source)
    utility = edges.utility[live]
    tail = np.concatenate([np.where(is_chosen, reference, source), np.where(away, node, free_node)])
    head = np.concatenate([np.where(is_chosen, source, reference), np.where(away, free_node, node)])
    cost = np.concatenate([np.where(is_chosen, utility, -utility), np.zeros(len(node), np.int64)])
    size = rows + columns + 2 * parts
    slack = _reduced(tail, head, cost, size)
    tight = slack == 0
    graph = csr_array((np.ones(int(tight.sum()), np.int8), (tail[tight], head[tight])), shape=(size, size))
    circle = connected_components(graph, directed=True, connection="strong")[1]
    moves = tight[: len(live)] & (circle[source] == circle[reference])
    return np.where(moves, circle[source], -1).astype(np.int64)


def _reduced(tail: Ints, head: Ints, cost: Ints, size: int) -> Ints:
    """Cost of each arc under shortest-path potentials: never negative, 0 on every arc of a cycle of cost 0."""
    order = np.argsort(head, kind="stable")
    tail_, head_, cost_ = tail[order], head[order], cost[order]
    start = run_starts(head_)
    target = head_[start]
    distance = np.zeros(size, np.int64)
    for _ in range(_ROUNDS):
        best = np.minimum(np.minimum.reduceat(distance[tail_] + cost_, start), distance[target])
        if np.array_equal(best, distance[target]):
            break
        distance[target] = best
    return distance[tail] + cost - distance[head]


def _coin_tosses(edges: Edges, live: Ints, is_chosen: Flags, circle: Ints) -> Flags:
    """Per circle: whether its best choices differ in content, so that taking one of them would be a coin toss.

    They do not when all its sources, or all its references, are interchangeable: the rest then only changes places
    among equals. "Free" counts as one more partner: who stays free matters, except among copies of one text.
    """
    inside = np.flatnonzero(circle >= 0)
    circles = int(circle.max()) + 1
    source, reference, where = edges.source[live[inside]], edges.reference[live[inside]], circle[inside]
    source_free = _some_stay_free(source, where, is_chosen[inside], circles)
    reference_free = _some_stay_free(reference, where, is_chosen[inside], circles)
    source_kinds = _kinds(source, where, edges.source_content, edges.source_has_text, source_free, circles)
    reference_kinds = _kinds(
        reference, where, edges.reference_content, edges.reference_has_text, reference_free, circles
    )
    return (source_kinds + reference_free > 1) & (reference_kinds + source_free > 1)


def _some_stay_free(end: Ints, circle: Ints, is_chosen: Flags, circles: int) -> Flags:
    """Per circle: whether it has an end on this side that is not matched."""
    everyone = _distinct(circle, end, circles)
    return everyone > _distinct(circle[is_chosen], end[is_chosen], circles)


def _kinds(end: Ints, circle: Ints, content: Ints, has_text: Flags, stays_free: Flags, circles: int) -> Ints:
    """Per circle: different contents on this side. If one stays free, rows without text are not copies."""
    own = stays_free[circle] & ~has_text[end]
    kind = np.where(own, len(content) + end, content[end])
    return _distinct(circle, kind, circles)


def _distinct(group: Ints, value: Ints, groups: int) -> Ints:
    """How many different values each group has."""
    order = np.lexsort((value, group))
    group, value = group[order], value[order]
    return np.bincount(group[run_starts(group, value)], minlength=groups)


def _in_canonical_order(edges: Edges, live: Ints, is_chosen: Flags, circle: Ints) -> Ints:
    """The pairs of interchangeable circles, first partner with first row; rows that stay free are the last ones."""
    inside = np.flatnonzero(circle >= 0)
    if not len(inside):
        return NONE
    where = circle[inside]
    source, reference = edges.source[live[inside]], edges.reference[live[inside]]
    taken = is_chosen[inside]
    one = _first_of_each(where, source, np.bincount(where[taken], minlength=int(where.max()) + 1))
    other = _first_of_each(where, reference, np.bincount(where[taken], minlength=int(where.max()) + 1))
    columns = len(edges.reference_content)
    code = source * columns + reference
    order = np.argsort(code)
    at = np.minimum(np.searchsorted(code[order], one * columns + other), len(code) - 1)
    found = code[order][at] == one * columns + other
    if found.all():
        return live[inside[order[at]]]
    return live[inside[taken]]  # a thinned neighbourhood lacks the pair: any optimal choice among equals will do


def _first_of_each(circle: Ints, end: Ints, wanted: Ints) -> Ints:
    """The first `wanted[circle]` ends of every circle, circle after circle."""
    order = np.lexsort((end, circle))
    start = run_starts(circle[order], end[order])
    circle, end = circle[order][start], end[order][start]
    begin = run_starts(circle)
    return end[spans(begin, wanted[circle[begin]])]


def _shown(edges: Edges, tied: Ints, is_chosen: Flags) -> Ints:
    """Of the tied edges, those worth showing: each end's chosen one and its first few others."""
    keep = is_chosen.copy()
    for end in (edges.source[tied], edges.reference[tied]):
        order = np.lexsort((tied, ~is_chosen, end))
        start = run_starts(end[order])
        place = np.arange(len(order)) - np.repeat(start, np.diff(start, append=len(order)))
        keep[order[place < _SHOWN]] = True
    return tied[keep]
