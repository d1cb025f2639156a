"""The chance of each pair against what listing every one-to-one choice says."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching.chances import chances

Odds = dict[tuple[int, int], float]


def found(
    odds: Odds, source_content: list[int] | None = None, reference_content: list[int] | None = None
) -> list[float]:
    pairs = sorted(odds)
    ends = np.array([s for s, _ in pairs]), np.array([r for _, r in pairs])
    contents = (
        np.array(source_content or range(1 + max(ends[0]))),
        np.array(reference_content or range(1 + max(ends[1]))),
    )
    return chances(ends, contents, np.array([odds[pair] for pair in pairs])).tolist()


def listed(odds: Odds) -> list[float]:
    """The share of all one-to-one choices that have each pair, each choice counted by its odds."""
    pairs = sorted(odds)
    total = dict.fromkeys(pairs, 0.0)
    whole = 0.0
    for size in range(len(pairs) + 1):
        for chosen in combinations(pairs, size):
            if len({s for s, _ in chosen}) == len({r for _, r in chosen}) == size:
                weight = float(np.exp(sum(odds[pair] for pair in chosen)))
                whole += weight
                for pair in chosen:
                    total[pair] += weight
    return [total[pair] / whole for pair in pairs]


paths = st.lists(st.floats(-3, 8), min_size=1, max_size=7).map(
    lambda values: {((at + 1) // 2, at // 2): value for at, value in enumerate(values)}
)


@settings(max_examples=60, deadline=None)
@given(paths)
def test_on_a_chain_of_rivals_the_chances_are_those_of_all_choices_listed(odds: Odds) -> None:
    assert found(odds) == pytest.approx(listed(odds), abs=0.02)


def test_a_rival_that_belongs_elsewhere_is_none() -> None:
    alone = found({(0, 0): 6.0, (1, 0): 6.0})[0]
    settled = found({(0, 0): 6.0, (1, 0): 6.0, (1, 1): 16.0})[0]
    assert alone < 0.51
    assert settled > 0.99


def test_without_rivals_a_pair_is_as_likely_as_its_odds() -> None:
    assert found({(0, 0): 0.0}) == [0.5]
    assert found({(0, 0): np.log(9)}) == pytest.approx([0.9])


def test_copies_are_no_rivals_of_each_other() -> None:
    odds = {(s, r): 7.0 for s in range(3) for r in range(3)}
    assert min(found(odds, [5, 5, 5], [8, 8, 8])) > 0.99
    assert max(found(odds)) < 0.4


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 4)), st.floats(-30, 60), min_size=1, max_size=12))
def test_chances_are_shares_and_the_same_when_the_sides_are_swapped(odds: Odds) -> None:
    values = found(odds)
    assert all(0 <= value <= 1 for value in values)
    mirrored = found({(r, s): value for (s, r), value in odds.items()})
    order = [pair for _, pair in sorted(((r, s), at) for at, (s, r) in enumerate(sorted(odds)))]
    assert mirrored == pytest.approx([values[at] for at in order], abs=1e-6)
