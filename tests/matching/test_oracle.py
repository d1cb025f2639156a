"""The scored pass against every one-to-one choice there is, worked out again in plain Python on a few rows."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from recon.matching import match
from recon.model.rules import PassName, Rules
from tests.matching.test_laws import Row, build

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "date": st.integers(2, 5).map(lambda day: dt.date(2026, 3, day)),
            "amount": st.sampled_from([-500, 0, 500, 505, 510, 520, 530]),
            "currency": st.sampled_from(["EUR", "EUR", "EUR", "USD"]),
            "description": st.sampled_from(["Acme rent 10", "acme Rent 11", "Beta rent", "Beta", "Zoo keeper"]),
        }
    ),
    max_size=5,
    unique_by=lambda row: tuple(sorted((name, str(value)) for name, value in row.items())),
)
RULES = st.builds(
    Rules,
    amount_tolerance_minor=st.sampled_from([0, 10, 25]),
    days_before=st.integers(0, 2),
    days_after=st.integers(0, 2),
    description_threshold=st.sampled_from([0, 40, 60, 80]),
    passes=st.just((PassName.SCORED,)),
)
Pair = tuple[int, int]


def utility(source: Row, reference: Row, rules: Rules) -> int | None:
    """What the pair is worth; None where the rules do not accept it."""
    one, other = source["amount"], reference["amount"]
    days = (reference["date"] - source["date"]).days  # type: ignore[operator]
    delta, allowed = abs(one - other), rules.amount_tolerance_minor  # type: ignore[operator]
    window = rules.days_before if days < 0 else rules.days_after
    if source["currency"] != reference["currency"] or delta > allowed or abs(days) > window:
        return None
    if one * other < 0:  # type: ignore[operator]
        return None
    score = fuzz.token_sort_ratio(source["description"], reference["description"], processor=default_process)
    floor, is_exact = min(rules.description_threshold, 60), delta == 0 and days == 0
    if score < rules.description_threshold and not (is_exact and score >= floor):
        return None
    if one == other == 0 and score < 50:
        return None
    away, late = Fraction(delta, allowed + 1), Fraction(abs(days), window + 1)
    points = max(float(np.float32(score)) - floor, 0) + 30 - 10 * float(away) ** 2 - 10 * float(late) ** 2
    points += 5 * (delta == 0) + 5 * (days == 0) + 10 * is_exact
    return round(points * 1000)


def best_choices(worth: dict[Pair, int], sources: int) -> list[frozenset[Pair]]:
    """Every one-to-one choice with the greatest total: each source takes one of its partners, or none."""
    partners = [[None, *(pair for pair in worth if pair[0] == source)] for source in range(sources)]
    best, found = -1, []
    for taken in product(*partners):
        chosen = frozenset(pair for pair in taken if pair is not None)
        if len({pair[1] for pair in chosen}) < len(chosen):
            continue
        total = sum(worth[pair] for pair in chosen)
        if total > best:
            best, found = total, []
        if total == best:
            found.append(chosen)
    return found


@settings(max_examples=120, deadline=None)
@given(ROWS, ROWS, RULES)
def test_matched_is_what_every_best_choice_has_and_suggested_what_only_some_have(
    source: list[Row], reference: list[Row], rules: Rules
) -> None:
    worth = {
        (one, other): value
        for one, other in product(range(len(source)), range(len(reference)))
        if (value := utility(source[one], reference[other], rules)) is not None
    }
    choices = best_choices(worth, len(source))
    always = frozenset.intersection(*choices)
    found = match(build(source), build(reference), rules).matches.to_pylist()
    decided = {
        status: {(row["source_row"], row["reference_row"]) for row in found if row["status"] == status}
        for status in ("matched", "suggested")
    }
    assert decided["matched"] == always
    assert decided["suggested"] == frozenset.union(*choices) - always
