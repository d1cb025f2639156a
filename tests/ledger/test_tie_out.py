"""Tie-outs: over the union of keys, and what is on its way explains whole movements only."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.ledger.tie_out import explain, tie_out


def test_every_key_either_side_has_is_there_once() -> None:
    tied = tie_out({("ann", "USD"): 5, ("bob", "USD"): 7}, {("bob", "USD"): 7, ("cy", "USD"): -1}, {}, nothing=0)
    assert [(t.key[0], t.ours, t.theirs, t.difference, t.is_ours, t.is_theirs) for t in tied] == [
        ("ann", 5, 0, -5, True, False),
        ("bob", 7, 7, 0, True, True),
        ("cy", 0, -1, -1, False, True),
    ]


@pytest.mark.parametrize(
    ("difference", "movements", "explained"),
    [
        (0, [100], 0),  # both sides agree: nothing needs explaining
        (100, [100], 100),
        (100, [-100], 0),
        (-100, [100, -100], -100),
        (98, [100], 100),  # the rest is what remains unexplained
        (51, [100], 100),
        (50, [100], 0),  # as near to either: the smaller one
        (49, [100], 0),
        (70, [20, 50, 300], 70),
        (Decimal("-0.5"), [Decimal("-0.5")], Decimal("-0.5")),
    ],
)
def test_whole_movements_explain_a_difference(difference: int, movements: list[int], explained: int) -> None:
    assert explain(difference, movements, nothing=0) == explained


@given(st.lists(st.integers(-50, 50), max_size=8), st.data())
def test_a_difference_made_of_some_of_the_movements_is_explained_whatever_their_order(
    movements: list[int], data: st.DataObject
) -> None:
    some = sum(movement for movement in movements if data.draw(st.booleans()))
    assert explain(some, movements, nothing=0) == some
    assert explain(some, movements[::-1], nothing=0) == some


def test_very_many_movements_are_bounded_work() -> None:
    movements = [3**n for n in range(60)]
    assert explain(sum(movements[:5]), movements, nothing=0) == sum(movements[:5])
