"""The assignment against every assignment there is, on graphs small enough to list them all."""

from __future__ import annotations

from itertools import combinations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching.assignment import assign
from recon.matching.edges import Edges

Pair = tuple[int, int]
Graph = dict[Pair, int]


def edges(graph: Graph, source_content: list[int] | None = None, reference_content: list[int] | None = None) -> Edges:
    pairs = sorted(graph)
    sources = max(s for s, _ in pairs) + 1
    references = max(r for _, r in pairs) + 1
    return Edges(
        source=np.array([s for s, _ in pairs]),
        reference=np.array([r for _, r in pairs]),
        utility=np.array([graph[pair] for pair in pairs]),
        source_content=np.array(source_content or range(sources)),
        reference_content=np.array(reference_content or range(references)),
        source_can_be_copy=np.ones(sources, bool),
        reference_can_be_copy=np.ones(references, bool),
    )


def dense(graph: Graph) -> Graph:
    """The same graph with its ends numbered without gaps."""
    sources = sorted({s for s, _ in graph})
    references = sorted({r for _, r in graph})
    return {(sources.index(s), references.index(r)): utility for (s, r), utility in graph.items()}


def best_choices(graph: Graph) -> list[frozenset[Pair]]:
    """Every one-to-one choice with the greatest total, by listing them all."""
    pairs = sorted(graph)
    choices = [
        frozenset(chosen)
        for size in range(len(pairs) + 1)
        for chosen in combinations(pairs, size)
        if len({s for s, _ in chosen}) == len({r for _, r in chosen}) == len(chosen)
    ]
    best = max(sum(graph[pair] for pair in chosen) for chosen in choices)
    return [chosen for chosen in choices if sum(graph[pair] for pair in chosen) == best]


graphs = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 5)), st.integers(1, 6), min_size=1, max_size=11
).map(dense)


@settings(max_examples=150, deadline=None)
@given(graphs)
def test_booked_is_what_every_best_choice_has_and_tied_is_what_only_some_have(graph: Graph) -> None:
    found = assign(edges(graph))
    pairs = sorted(graph)
    best = best_choices(graph)
    always, sometimes = frozenset.intersection(*best), frozenset.union(*best)
    assert {pairs[at] for at in found.booked} == always
    tied = {pairs[at] for at in found.tied}
    assert tied <= sometimes - always
    assert {s for s, _ in tied} == {s for s, _ in sometimes - always}
    assert {r for _, r in tied} == {r for _, r in sometimes - always}


@settings(max_examples=100, deadline=None)
@given(graphs, st.randoms(use_true_random=False))
def test_the_order_of_edges_changes_nothing(graph: Graph, random: object) -> None:
    whole = edges(graph)
    order = list(range(len(whole)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = Edges(
        source=whole.source[order],
        reference=whole.reference[order],
        utility=whole.utility[order],
        source_content=whole.source_content,
        reference_content=whole.reference_content,
        source_can_be_copy=whole.source_can_be_copy,
        reference_can_be_copy=whole.reference_can_be_copy,
    )
    one, other = assign(whole), assign(shuffled)
    assert set(one.booked.tolist()) == {order[at] for at in other.booked}
    assert set(one.tied.tolist()) == {order[at] for at in other.tied}


def test_copies_on_one_side_are_interchangeable_and_the_first_are_taken() -> None:
    graph = {(0, 0): 5, (1, 0): 5, (2, 0): 5}
    found = assign(edges(graph, source_content=[7, 7, 7]))
    assert found.booked.tolist() == [0]
    assert not len(found.tied)


def test_different_sources_for_one_reference_are_a_tie() -> None:
    found = assign(edges({(0, 0): 5, (1, 0): 5}))
    assert not len(found.booked)
    assert found.tied.tolist() == [0, 1]


def test_a_better_total_beats_the_best_single_pair() -> None:
    found = assign(edges({(0, 0): 10, (0, 1): 9, (1, 0): 9, (1, 1): 1}))
    assert found.booked.tolist() == [1, 2]


def test_a_component_beyond_the_limit_is_thinned_and_still_one_to_one() -> None:
    count = 210
    graph = {(s, r): 100_000 if s == r else 30_000 + (s * 7 + r * 13) % 50 for s in range(count) for r in range(count)}
    found = assign(edges(graph))
    pairs = sorted(graph)
    assert [pairs[at] for at in found.booked] == [(at, at) for at in range(count)]


def test_four_thousand_rows_that_tie_with_everything_are_told_in_one_go() -> None:
    count = 4_000
    graph = {(at, (at + step) % count): 50 for at in range(count) for step in range(4)}
    found = assign(edges(graph))
    assert not len(found.booked)
    assert len(found.tied) == len(graph)


def test_a_coin_toss_inside_a_component_beyond_the_limit_is_told() -> None:
    count = 210
    graph = {(s, r): 100_000 if s == r else 30_000 + (s * 7 + r * 13) % 50 for s in range(count) for r in range(count)}
    graph |= {(0, 1): 100_000, (1, 0): 100_000}
    found = assign(edges(graph))
    pairs = sorted(graph)
    assert {pairs[at] for at in found.tied} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    assert [pairs[at] for at in found.booked] == [(at, at) for at in range(2, count)]


def test_a_component_beyond_the_limit_that_no_margin_thins_is_solved_all_the_same() -> None:
    count = 160
    graph = {(s, r): 50_000 + (100 if s == r else 0) for s in range(count) for r in range(count)}
    found = assign(edges(graph))
    pairs = sorted(graph)
    assert [pairs[at] for at in found.booked] == [(at, at) for at in range(count)]
