"""Which pairs of a best assignment are the only best choice, and which are a coin toss.

In the residual graph of an optimal assignment (chosen edges turned round, staying free a partner like any other),
another choice of equal total exists exactly where there is a cycle of cost zero. Shortest-path potentials make every
arc of such a cycle cost zero by itself, so that strongly connected components of the zero arcs, here *circles*, are the
rows that could change partners among themselves. They are a property of the edges, not of the assignment they were
found from.

A circle in which only interchangeable rows change places is booked all the same, its rows paired in canonical order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from recon.matching.arrays import NONE, Flags, Ints, run_starts, spans
from recon.matching.edges import Edges, components

_SHOWN: Final = 5
_ROUNDS: Final = 2_000


def ties_apart(edges: Edges, live: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """(edges to book, tied edges to show), given an optimal choice among the `live` edges (whole components)."""
    if not len(chosen):
        return NONE, NONE
    is_chosen = np.isin(live, chosen)
    circles = _circles(edges, live, is_chosen)
    moves = circles.of_edge >= 0
    if not moves.any():
        return live[is_chosen], NONE
    tossed = moves & _coin_tosses(edges, live, circles)[np.maximum(circles.of_edge, 0)]
    swapped = _in_canonical_order(edges, live, is_chosen, np.where(tossed, -1, circles.of_edge))
    booked = np.concatenate([live[is_chosen & ~moves], swapped])
    return booked, _shown(edges, live[tossed], is_chosen[tossed])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Circles:
    """Circle of each live edge (-1: in every best choice, or in none), and whether a circle can leave an end free."""

    of_edge: Ints
    frees_source: Flags
    frees_reference: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class _Residual:
    """The residual graph: arcs of edges first, then of staying free. Nodes: sources, references, the free ones.

    Each component has two free nodes: `no_reference`, the partner of a source that stays free, and `no_source`.
    """

    tail: Ints
    head: Ints
    cost: Ints
    size: int
    no_reference: Ints
    no_source: Ints


def _residual(edges: Edges, live: Ints, is_chosen: Flags) -> _Residual:
    label = components(edges, live)
    sources, source = np.unique(edges.source[live], return_inverse=True)
    references, reference = np.unique(edges.reference[live], return_inverse=True)
    ends, parts = len(sources) + len(references), int(label.max()) + 1
    reference = reference + len(sources)
    part = np.zeros(ends, np.int64)
    part[source], part[reference] = label, label
    matched = np.zeros(ends, np.bool_)
    matched[source[is_chosen]] = matched[reference[is_chosen]] = True
    node = np.arange(ends)
    is_source = node < len(sources)
    no_reference = ends + np.arange(parts)
    no_source = no_reference + parts
    free = np.where(is_source, no_reference[part], no_source[part])
    # a chosen edge's arc leads from reference to source, any other from source to reference; "free" is a partner too
    away = matched == is_source
    utility = edges.utility[live]
    return _Residual(
        tail=np.concatenate([np.where(is_chosen, reference, source), np.where(away, node, free)]),
        head=np.concatenate([np.where(is_chosen, source, reference), np.where(away, free, node)]),
        cost=np.concatenate([np.where(is_chosen, utility, -utility), np.zeros(ends, np.int64)]),
        size=ends + 2 * parts,
        no_reference=no_reference,
        no_source=no_source,
    )


def _circles(edges: Edges, live: Ints, is_chosen: Flags) -> _Circles:
    graph = _residual(edges, live, is_chosen)
    tight = _reduced(graph) <= 0  # below 0 only if _ROUNDS ended too soon: then rather a question too many
    tail, head = graph.tail[tight], graph.head[tight]
    # A source and a reference can go free, or stop being free, together: the two free nodes are each other's partner.
    # That joins circles only where a path leads from one to the other, so each direction is tried by itself.
    first, second = graph.no_reference, graph.no_source
    one_way = _strong(tail, head, first, second, graph.size)
    other_way = _strong(tail, head, second, first, graph.size)
    joined = (one_way[first] == one_way[second]) | (other_way[first] == other_way[second])
    both = np.concatenate([first[joined], second[joined]]), np.concatenate([second[joined], first[joined]])
    circle = _strong(tail, head, *both, graph.size)
    at = graph.tail[: len(live)], graph.head[: len(live)]
    moves = tight[: len(live)] & (circle[at[0]] == circle[at[1]])
    count = int(circle.max()) + 1
    frees_source, frees_reference = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
    frees_source[circle[graph.no_reference]] = True
    frees_reference[circle[graph.no_source]] = True
    return _Circles(
        of_edge=np.where(moves, circle[at[0]], -1),
        frees_source=frees_source,
        frees_reference=frees_reference,
    )


def _strong(tail: Ints, head: Ints, more_tail: Ints, more_head: Ints, size: int) -> Ints:
    """Strongly connected component of every node."""
    arcs = np.concatenate([tail, more_tail]), np.concatenate([head, more_head])
    graph = csr_array((np.ones(len(arcs[0]), np.int8), arcs), shape=(size, size))
    label: Ints = connected_components(graph, directed=True, connection="strong")[1].astype(np.int64)
    return label


def _reduced(graph: _Residual) -> Ints:
    """Cost of each arc under shortest-path potentials: never negative, 0 on every arc of a cycle of cost 0.

    Bellman-Ford over whole columns; an optimal assignment leaves no cycle of negative cost, so it comes to rest.
    """
    first, second = graph.no_reference, graph.no_source
    tail = np.concatenate([graph.tail, first, second])
    head = np.concatenate([graph.head, second, first])
    cost = np.concatenate([graph.cost, np.zeros(2 * len(first), np.int64)])
    order = np.argsort(head, kind="stable")
    tail, head, cost = tail[order], head[order], cost[order]
    start = run_starts(head)
    target = head[start]
    distance = np.zeros(graph.size, np.int64)
    for _ in range(_ROUNDS):
        best = np.minimum(np.minimum.reduceat(distance[tail] + cost, start), distance[target])
        if np.array_equal(best, distance[target]):
            break
        distance[target] = best
    return distance[graph.tail] + graph.cost - distance[graph.head]


def _coin_tosses(edges: Edges, live: Ints, circles: _Circles) -> Flags:
    """Per circle: whether its best choices differ in content, so that taking one of them would be a coin toss.

    They do not when all its sources, or all its references, are interchangeable: the rest then only changes places
    among equals. "Free" counts as one more partner: who stays free matters, except among copies of one text.
    """
    inside = np.flatnonzero(circles.of_edge >= 0)
    where = circles.of_edge[inside]
    no_reference, no_source = circles.frees_source, circles.frees_reference
    sources = _kinds(edges.source[live[inside]], where, edges.source_content, edges.source_can_be_copy, no_reference)
    references = _kinds(
        edges.reference[live[inside]], where, edges.reference_content, edges.reference_can_be_copy, no_source
    )
    result: Flags = (sources + no_source > 1) & (references + no_reference > 1)
    return result


def _kinds(end: Ints, circle: Ints, content: Ints, can_be_copy: Flags, frees: Flags) -> Ints:
    """Per circle: different contents on this side. Rows that cannot be copies differ if one can stay free."""
    own = frees[circle] & ~can_be_copy[end]
    kind = np.where(own, len(content) + int(content.max()) + end, content[end])
    order = np.lexsort((kind, circle))
    circle, kind = circle[order], kind[order]
    return np.bincount(circle[run_starts(circle, kind)], minlength=len(frees))


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
